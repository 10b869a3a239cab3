"""Step 2: python -m training.train --work FOLDER --out FOLDER: the cross-encoder, resumable at any time."""

import argparse
import json
import math
import time
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import torch
from torch import nn

from training.draw import GROUP_SIZE, Draw
from training.hardest import hardest_groups
from training.losses import RANKING_LOSSES, early, group_loss
from training.network import Exits, PairNetwork, load_network
from training.records import Group, read_examples, read_passages
from training.start import start_directory

WARM_UP = 100
# The maps of earlier layers begin with nothing and are thrown away.
EXITS_FASTER = 10.0
LOGGED_EVERY = 20


@dataclass(frozen=True)
class Plan:
    """Everything that decides a run besides the data. ``longest`` and ``batch_tokens`` count tokens.

    ``groups`` of ``size`` texts are drawn for a step; with ``hardest``, only so many of them are learnt from.
    ``early_share`` is the weight of earlier layers that should say what the last one says.
    """

    steps: int
    groups: int = 10
    size: int = GROUP_SIZE
    hardest: int = 0
    rate: float = 1e-4
    final_share: float = 0.05
    longest: int = 256
    batch_tokens: int = 12_000
    together: int = 4
    loss: str = "listwise"
    early_share: float = 0.0
    seed: int = 7
    saved_every: int = 200


def main() -> None:
    """Train by the arguments and write the weights to ``--out``; a second call goes on where the first ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/training"))
    parser.add_argument("--examples", default="examples.jsonl")
    parser.add_argument("--start", default="", help="a model folder; by default all-MiniLM-L6-v2")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--groups", type=int, default=Plan.groups)
    parser.add_argument("--size", type=int, default=Plan.size, help="texts of a group")
    parser.add_argument("--hardest", type=int, default=Plan.hardest, help="groups learnt from; 0 is all")
    parser.add_argument("--rate", type=float, default=Plan.rate)
    parser.add_argument("--longest", type=int, default=Plan.longest)
    parser.add_argument("--loss", choices=sorted(RANKING_LOSSES), default=Plan.loss)
    parser.add_argument("--early-share", type=float, default=Plan.early_share)
    parser.add_argument("--seed", type=int, default=Plan.seed)
    given = parser.parse_args()
    plan = Plan(
        steps=given.steps,
        groups=given.groups,
        size=given.size,
        hardest=given.hardest,
        rate=given.rate,
        longest=given.longest,
        loss=given.loss,
        early_share=given.early_share,
        seed=given.seed,
    )
    draw = Draw(
        read_passages(given.work / "passages.jsonl"),
        read_examples(given.work / given.examples),
        plan.seed,
        size=plan.size,
    )
    train(draw, given.start or start_directory(), given.out, plan)


def train(draw: Draw, start: str, out: Path, plan: Plan) -> None:
    """Train from ``start``; every ``saved_every`` steps the state and a copy of the weights go to ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(plan.seed)
    network = load_network(start)
    network.module.train()
    exits = Exits(network.width).to(network.device)
    learning = nn.ModuleDict({"network": network.module, "exits": exits})
    optimiser = torch.optim.AdamW(
        [
            {"params": network.module.parameters(), "rate": plan.rate},
            {"params": exits.parameters(), "rate": plan.rate * EXITS_FASTER},
        ],
        weight_decay=0.01,
        fused=True,
    )
    first = _resume(out / "state.pt", learning, optimiser)
    mean, begin = 0.0, time.monotonic()
    for step in range(first, plan.steps):
        for settings in optimiser.param_groups:
            settings["lr"] = settings["rate"] * rate_share(step, plan)
        groups = _taught(network, draw.groups(step, plan.groups), plan)
        loss = _update(network, exits, groups, optimiser, plan)
        mean = loss if step == first else 0.95 * mean + 0.05 * loss
        if (step + 1) % LOGGED_EVERY == 0:
            speed = (step + 1 - first) / (time.monotonic() - begin)
            print(f"step {step + 1:6} of {plan.steps}  loss {mean:.4f}  {speed:.2f} steps/s", flush=True)
        if (step + 1) % plan.saved_every == 0 or step + 1 == plan.steps:
            network.save(out / f"step-{step + 1:06}")
            _save(out / "state.pt", step + 1, learning, optimiser)
    (out / "plan.json").write_text(json.dumps(asdict(plan), indent=2), encoding="utf-8")


def rate_share(step: int, plan: Plan) -> float:
    """The share of the full learning rate at ``step``: a linear rise, then half a cosine down."""
    if step < WARM_UP:
        return (step + 1) / WARM_UP
    done = (step - WARM_UP) / max(1, plan.steps - WARM_UP)
    return plan.final_share + (1 - plan.final_share) * 0.5 * (1 + math.cos(math.pi * done))


def _taught(network: PairNetwork, groups: list[Group], plan: Plan) -> list[Group]:
    if not plan.hardest:
        return groups
    read = partial(network.logits, longest=plan.longest, batch_tokens=plan.batch_tokens)
    return hardest_groups(read, groups, plan.hardest, GROUP_SIZE, RANKING_LOSSES[plan.loss])


def _update(
    network: PairNetwork,
    exits: Exits,
    groups: list[Group],
    optimiser: torch.optim.Optimizer,
    plan: Plan,
) -> float:
    # A few groups of like length at a time: less padding, and activations that stay small.
    ordered = sorted(groups, key=lambda group: sum(map(len, group.texts)) / len(group.texts))
    total = 0.0
    for begin in range(0, len(ordered), plan.together):
        part = ordered[begin : begin + plan.together]
        loss = _loss(network, exits, part, plan) * (len(part) / len(groups))
        loss.backward()  # type: ignore[no-untyped-call]
        total += float(loss.detach())
    nn.utils.clip_grad_norm_(network.module.parameters(), 1.0)
    optimiser.step()
    optimiser.zero_grad(set_to_none=False)
    return total


def _loss(network: PairNetwork, exits: Exits, groups: list[Group], plan: Plan) -> torch.Tensor:
    pairs = [(group.question, text) for group in groups for text in group.texts]
    if plan.early_share:
        said = network.logits_by_layer(pairs, plan.longest, plan.batch_tokens, exits)
    else:
        said = network.logits(pairs, plan.longest, plan.batch_tokens)[:, None]
    losses = []
    for group, own in zip(groups, torch.split(said, [len(group.texts) for group in groups]), strict=True):
        grades = torch.tensor(group.grades, device=said.device)
        loss = group_loss(own[:, 0], grades, RANKING_LOSSES[plan.loss])
        if plan.early_share:
            loss = loss + plan.early_share * early(own[:, 1:], own[:, 0])
        losses.append(loss)
    return torch.stack(losses).mean()


def _resume(state: Path, learning: nn.Module, optimiser: torch.optim.Optimizer) -> int:
    if not state.is_file():
        return 0
    kept = torch.load(state, weights_only=True)
    learning.load_state_dict(kept["learning"])
    optimiser.load_state_dict(kept["optimiser"])
    return int(kept["step"])


def _save(state: Path, step: int, learning: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    partial = state.with_suffix(".partial")
    torch.save(
        {"step": step, "learning": learning.state_dict(), "optimiser": optimiser.state_dict()}, partial
    )
    partial.replace(state)


if __name__ == "__main__":
    main()
