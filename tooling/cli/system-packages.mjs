import { say } from "./checkout.mjs";
import { isInstalled, outputOf, runProgram } from "./run-program.mjs";

/** Browsers by the names that distributions give them. */
const browsers = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** Path of a Chromium on this machine, null when there is none. */
export function findChromium() {
  const name = browsers.find(isInstalled);
  return name === undefined ? null : outputOf("sh", ["-c", `command -v ${name}`]);
}

/** How to see that a system package, or what it would bring, is there. */
const isThere = {
  chromium: () => findChromium() !== null,
  "fonts-noto-cjk": () => (outputOf("fc-list", [":lang=zh"]) ?? "") !== "",
  "python3-venv": () => outputOf("python3", ["-c", "import venv, ensurepip"]) !== null,
};

/**
 * Installs missing system packages where this machine lets us: Debian's apt, as root. Otherwise says what is missing.
 * @param {readonly ("chromium" | "fonts-noto-cjk" | "python3-venv")[]} wanted
 */
export async function installSystemPackages(wanted) {
  const missing = wanted.filter((name) => !isThere[name]());
  if (missing.length === 0) return;
  if (process.getuid?.() !== 0 || !isInstalled("apt-get")) {
    say(
      `Missing on this machine: ${missing.join(", ")}. Install them (Debian: apt-get install ${missing.join(" ")}); what needs them fails until then.`,
    );
    return;
  }
  say(`Installing system packages: ${missing.join(", ")} …`);
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await runProgram("apt-get", ["update", "-qq"], { env });
  const code = await runProgram("apt-get", ["install", "-y", "-qq", "--no-install-recommends", ...missing], { env });
  if (code !== 0) say(`apt-get could not install ${missing.join(", ")}; what needs them fails.`);
}
