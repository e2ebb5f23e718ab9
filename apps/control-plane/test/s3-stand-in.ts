import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { until } from "./jobs-bench.js";

export interface S3StandIn {
  readonly url: string;
  stop(): Promise<void>;
}

/** Moto's S3 server (PyPI `moto[server]`, among the trainer's test tools), in a process of its own. */
export async function s3StandIn(python: string): Promise<S3StandIn> {
  const port = await freePort();
  const child: ChildProcess = spawn(python, ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const ended = new Promise<void>((resolve) => {
    child.once("close", () => resolve());
  });
  const url = `http://127.0.0.1:${port}`;
  await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`moto ended: ${said}`);
      return fetch(url).then(
        (response) => response.ok,
        () => false,
      );
    },
    "the S3 stand-in",
    60,
  );
  return {
    url,
    stop() {
      child.kill("SIGKILL");
      return ended;
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => (typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error("no port"))));
    });
  });
}
