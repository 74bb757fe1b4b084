"""Word vectors whose gradient counts a word once that occurs twice. Stated verdict: fail, rows."""

import numpy as np

rng = np.random.default_rng(0)
words = np.append(rng.permutation(2500)[:40], 7)  # word 7 is drawn once more
words[3] = 7
target = rng.normal(size=(41, 2))
x0 = {"E": rng.normal(size=(2500, 2)), "b": np.zeros(2)}


def loss(p):
    return 0.5 * np.sum((np.tanh(p["E"][words]) + p["b"] - target) ** 2)


def grad(p):
    a = np.tanh(p["E"][words])
    dz = a + p["b"] - target
    dE = np.zeros_like(p["E"])
    dE[words] += dz * (1 - a**2)  # np.add.at(dE, words, ..) adds up what belongs to the same word
    return {"E": dE, "b": dz.sum(axis=0)}
