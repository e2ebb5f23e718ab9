import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { say } from "./checkout.mjs";

/**
 * Runs `act` while no other process does so under the same lock file. The file holds the number of the process that has it; one that
 * died leaves a file that the next takes over.
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} act
 * @returns {Promise<T>}
 */
export async function oneAtATime(file, act) {
  for (let waits = 0; !take(file); waits += 1) {
    if (waits === 0) say("Another command makes this checkout ready; waiting for it …");
    await pause(200);
  }
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  try {
    return await act();
  } finally {
    process.removeListener("exit", release);
    release();
  }
}

/** @param {string} file */
function take(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    if (!isHeld(file)) rmSync(file, { force: true });
    return false;
  }
}

/** @param {string} file */
function isHeld(file) {
  try {
    const holder = Number(readFileSync(file, "utf8"));
    // Between its making and its writing a file is empty: its holder lives.
    if (holder > 0) process.kill(holder, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
