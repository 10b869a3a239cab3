#!/bin/sh
# From raw data to the weights in models/: make train CUAD=<folder> ACORD=<folder>. A finished step is not repeated.
set -eu
: "${CUAD:?make train CUAD=<folder of CUAD> ACORD=<folder of ACORD>}" "${ACORD:?make train CUAD=<folder of CUAD> ACORD=<folder of ACORD>}"
WORK=${WORK:-build/training}
python() { "${BIN:-.venv/bin}/python" -m "$@"; }

[ -f "$WORK/passages.jsonl" ] || python training.build --cuad "$CUAD" --acord "$ACORD" --work "$WORK"
[ -f "$WORK/round1/plan.json" ] || python training.train --work "$WORK" --out "$WORK/round1" \
  --steps 1000 --rate 1.5e-4 --longest 208
[ -f "$WORK/mined.jsonl" ] || python training.mine --work "$WORK" --model "$WORK/round1/step-001000"
[ -f "$WORK/round2/plan.json" ] || python training.train --work "$WORK" --examples mined.jsonl \
  --start "$WORK/round1/step-001000" --out "$WORK/round2" --steps 800 --rate 1.2e-4 --longest 256
[ -d "$WORK/round2/averaged" ] || python training.average --out "$WORK/round2/averaged" \
  "$WORK/round2/step-000400" "$WORK/round2/step-000600" "$WORK/round2/step-000800"
[ -f "$WORK/round3/plan.json" ] || python training.train --work "$WORK" --examples mined.jsonl \
  --start "$WORK/round2/averaged" --out "$WORK/round3" --steps 1250 --rate 7e-5 --longest 256 \
  --groups 12 --size 10 --hardest 8 --early-share 0.2
[ -d "$WORK/round3/averaged" ] || python training.average --out "$WORK/round3/averaged" \
  "$WORK/round3/step-001000" "$WORK/round3/step-001200" "$WORK/round3/step-001250"
[ -d "$WORK/averaged" ] || python training.average --out "$WORK/averaged" \
  "$WORK/round2/averaged" "$WORK/round3/averaged"
[ -d "$WORK/calibrated" ] || python training.calibrate --work "$WORK" --model "$WORK/averaged" --out "$WORK/calibrated"
python training.publish --model "$WORK/calibrated"
[ -d "$WORK/encoder" ] || python training.train_encoder --work "$WORK" --out "$WORK/encoder" --steps 750
python training.publish --model "$WORK/encoder" --to models/contract-encoder
python core.inference
python training.fit_first_look --work "$WORK" --out "$WORK/first_look"
python training.fit_prior --work "$WORK"

