"""Step 4: python -m training.average --out FOLDER CHECKPOINT...: the mean of checkpoints' weights."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from training.network import PairNetwork, load_network


def main() -> None:
    """Average the checkpoints, each with the same weight, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoints", nargs="+")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    average(given.checkpoints).save(given.out)


def average(checkpoints: Sequence[str]) -> PairNetwork:
    """A network whose weights are the mean of those in the folders ``checkpoints``."""
    network = load_network(checkpoints[0])
    states = [load_network(one).module.state_dict() for one in checkpoints]
    mean = {
        name: torch.stack([state[name].float() for state in states]).mean(0)
        if value.is_floating_point()
        else value
        for name, value in states[0].items()
    }
    network.module.load_state_dict(mean)
    return network


if __name__ == "__main__":
    main()
