import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Our training loop beside Hugging Face `Trainer`: same model, same rows, same settings, in turn. The comparison itself is Python. */
export async function trainingBench(): Promise<void> {
  const python = `${root}.ziggurat/venv/bin/python`;
  if (!existsSync(python)) throw new Error("There is no Python environment in .ziggurat/venv; run `npm start` once to make it.");
  const { status } = spawnSync(python, [`${root}bench/training/training.py`], { stdio: "inherit", cwd: root });
  if (status !== 0) process.exitCode = 1;
}
