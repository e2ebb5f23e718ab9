import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { nodeFactsOf } from "../slurm-nodes.js";
import { SlurmAway, SlurmDenied, type SlurmRequest, SlurmSaysNo } from "../slurm-transport.js";
import { expiryOf } from "./json-web-token.js";
import { RestTransport } from "./rest-transport.js";
import { chooseVersion } from "./rest-version.js";
import { v0038 } from "./v0-0-38.js";

interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}
type Answer = { readonly status?: number; readonly body: unknown };

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Answers as slurmrestd of a version would; the shapes of v0.0.40 and later are those of its published OpenAPI documents. */
async function restd(version: string, answers: Readonly<Record<string, Answer>>) {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString();
      const { method = "", url = "", headers } = request;
      asked.push({ method, path: url, headers, body: text === "" ? null : JSON.parse(text) });
      const paths = { [`/slurm/${version}/jobs/`]: {}, "/slurm/v0.0.36/jobs": {}, [`/slurmdb/${version}/jobs/`]: {}, "/openapi/v3": {} };
      const answer =
        url === "/openapi/v3"
          ? { body: { paths } }
          : (answers[`${method} ${url.replace(/^\/slurm(db)?\/[^/]*/, "")}`] ?? { status: 404, body: null });
      response.writeHead(answer.status ?? 200, { "content-type": "application/json" }).end(JSON.stringify(answer.body));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { asked, url, transport: new RestTransport({ url, user: "ziggurat", token: "a.b.c" }) };
}

const set = (number: number) => ({ set: true, infinite: false, number });
const unset = { set: false, infinite: false, number: 0 };
const request: SlurmRequest = {
  name: "zig-1-1",
  script: "#!/bin/bash\nexit 0\n",
  environment: { PATH: "/bin", ZIGGURAT_JOB_TOKEN: "very-secret" },
  workDir: "/shared",
  nodes: 2,
  cpusPerNode: 4,
  gres: "gpu:a100:2",
  memoryMbPerNode: 300,
  limitMinutes: 5,
  partition: "gpu",
  account: "research",
  qos: null,
};

describe("versions of slurmrestd", () => {
  it("are the newest that both sides know", () => {
    const paths = (...names: string[]) => names.map((name) => `/slurm/${name}/jobs/`);
    expect(chooseVersion(paths("v0.0.36", "v0.0.38"))).toBe("v0.0.38");
    expect(chooseVersion(paths("v0.0.40", "v0.0.39", "v0.0.42", "v0.0.41"))).toBe("v0.0.42");
    expect(chooseVersion(paths("v0.0.44", "v0.0.99"))).toBe("v0.0.44");
    expect(chooseVersion(paths("v0.0.36", "v0.0.39"))).toBeNull();
    expect(chooseVersion(["/openapi/v3"])).toBeNull();
  });

  it("that nobody here knows are said, and asked for again later", async () => {
    const { transport } = await restd("v0.0.39", {});
    for (const _ of [1, 2]) await expect(transport.jobs()).rejects.toThrow(/serves none of v0\.0\.38, v0\.0\.40/);
  });
});

describe("slurmrestd from v0.0.40 on", () => {
  it("takes a job with its script, lists for the environment and numbers that say that they are set", async () => {
    const { transport, asked } = await restd("v0.0.42", { "POST /job/submit": { body: { job_id: 17, errors: [], warnings: [] } } });
    expect(await transport.submit(request)).toBe("17");
    expect(asked.map(({ path }) => path)).toEqual(["/openapi/v3", "/slurm/v0.0.42/job/submit"]);
    expect(asked[1]?.headers).toMatchObject({ "x-slurm-user-name": "ziggurat", "x-slurm-user-token": "a.b.c" });
    expect(asked[1]?.body).toEqual({
      job: {
        script: request.script,
        name: "zig-1-1",
        environment: ["PATH=/bin", "ZIGGURAT_JOB_TOKEN=very-secret"],
        current_working_directory: "/shared",
        standard_input: "/dev/null",
        standard_output: "/dev/null",
        standard_error: "/dev/null",
        nodes: "2",
        tasks: 2,
        tasks_per_node: 1,
        cpus_per_task: 4,
        time_limit: set(5),
        dependency: "singleton",
        requeue: false,
        tres_per_node: "gres/gpu:a100:2",
        memory_per_node: set(300),
        partition: "gpu",
        account: "research",
      },
    });
  });

  it("shows states as lists and exit codes in parts", async () => {
    const job = {
      job_id: 17,
      name: "zig-1-1",
      user_name: "ziggurat",
      job_state: ["CANCELLED", "COMPLETING"],
      state_reason: "None",
      state_description: "",
      exit_code: { status: ["SIGNALED"], return_code: unset, signal: { id: set(15), name: "Terminated" } },
      restart_cnt: 1,
      submit_time: set(1_796_005_855),
      start_time: set(1_796_005_856),
      end_time: { set: true, infinite: true, number: 0 },
      nodes: "n[1-2]",
      node_count: set(2),
      tasks: set(2),
      tres_per_node: "gres/gpu:a100:2",
    };
    const others = { ...job, user_name: "somebody" };
    const { transport } = await restd("v0.0.40", { "GET /jobs": { body: { jobs: [others, job], errors: [] } } });
    expect(await transport.jobs()).toEqual([
      {
        id: "17",
        name: "zig-1-1",
        states: ["CANCELLED", "COMPLETING"],
        reason: null,
        submittedAt: 1_796_005_855,
        startsAt: 1_796_005_856,
        endsAt: null,
        exit: { code: 0, signal: 15 },
        restarts: 1,
        nodes: ["n1", "n2"],
        nodeCount: 2,
        taskCount: 2,
        gpusPerNode: [{ type: "a100", count: 2 }],
      },
    ]);
  });

  it("shows nodes, partitions and what accounting keeps", async () => {
    const node = {
      name: "n1",
      state: ["MIXED", "DRAIN"],
      reason: "fan",
      partitions: ["gpu"],
      cpus: 8,
      alloc_cpus: 2,
      real_memory: 16_000,
      gres: "gpu:a100:4(S:0)",
      gres_used: "gpu:a100:4(IDX:0-3)",
    };
    const past = {
      job_id: 5,
      name: "zig-1-1",
      nodes: "n1",
      state: { current: ["FAILED"], reason: "None" },
      exit_code: { status: ["ERROR"], return_code: set(11), signal: { id: unset, name: "" } },
      time: { submission: 1, start: 2, end: 3 },
    };
    const { transport } = await restd("v0.0.45", {
      "GET /nodes": { body: { nodes: [node] } },
      "GET /partitions": { body: { partitions: [{ name: "gpu", partition: { state: ["UP"] }, flags: ["DEFAULT"] }] } },
      "GET /jobs?job_name=zig-1-1": { body: { jobs: [past, { ...past, job_id: 6, time: { submission: 9, start: 10, end: 11 } }] } },
      "GET /ping": { body: { meta: { slurm: { release: "26.05.1" } }, pings: [] } },
    });
    expect((await transport.nodes()).map(nodeFactsOf)).toMatchObject([{ state: "drained", reason: "fan", gpus: [{ count: 4, free: 0 }] }]);
    expect(await transport.partitions()).toEqual([{ name: "gpu", isUp: true, isDefault: true }]);
    expect((await transport.past("zig-1-1"))?.job).toMatchObject({ id: "6", states: ["FAILED"], exit: { code: 11, signal: 0 } });
    expect(await transport.version()).toBe("Slurm 26.05.1 (v0.0.45)");
  });
});

describe("v0.0.38", () => {
  it("does not believe accounting's exit codes, which are all 0", () => {
    const job = (current: string) => ({
      job_id: 1,
      name: "zig-1-1",
      nodes: "n1",
      exit_code: { status: "SUCCESS", return_code: 0 },
      state: { current, reason: "None" },
      time: { submission: 1_796_006_231, start: 1_796_006_234, end: 1_796_006_235 },
    });
    const [failed, completed] = v0038.past({ jobs: [job("FAILED"), job("COMPLETED")] });
    expect(failed?.job).toMatchObject({ states: ["FAILED"], exit: null });
    expect(completed?.job).toMatchObject({ exit: { code: 0, signal: 0 } });
  });
});

describe("what goes wrong with slurmrestd", () => {
  const error = (status: number, one: object): Answer => ({ status, body: { errors: [one] } });
  const unspecified = error(500, { error_number: -1, error: "Unspecified error" });

  it.each<[string, Readonly<Record<string, Answer>>, new (...args: never[]) => Error]>([
    ["no token", { "GET /jobs": { status: 401, body: "Authentication failure" } }, SlurmDenied],
    [
      "a token that the controller refuses",
      { "GET /jobs": unspecified, "DELETE /job/67108864": error(500, { error_number: 5005, error: "Zero Bytes" }) },
      SlurmDenied,
    ],
    ["an error that says so", { "GET /jobs": error(500, { error_number: 1007, error: "Protocol authentication error" }) }, SlurmDenied],
    [
      "a controller that is gone",
      { "GET /jobs": unspecified, "DELETE /job/67108864": error(500, { error_number: 1800, error: "Unable to contact" }) },
      SlurmAway,
    ],
    [
      "an error without a cause",
      { "GET /jobs": unspecified, "DELETE /job/67108864": error(500, { error_number: 2017, error: "Invalid job id" }) },
      SlurmAway,
    ],
    ["an answer of another form", { "GET /jobs": { body: { jobs: [{ job_id: "seventeen" }] } } }, SlurmAway],
    ["an error of a proxy", { "GET /jobs": { status: 502, body: "Bad gateway" } }, SlurmAway],
    ["a refusal", { "GET /jobs": error(500, { error_code: 2000, error: "Invalid partition name specified" }) }, SlurmSaysNo],
  ])("is told apart: %s", async (_, answers, kind) => {
    const { transport } = await restd("v0.0.38", answers);
    await expect(transport.jobs()).rejects.toBeInstanceOf(kind);
  });

  it("is a token of somebody else, under whose name nothing would be found again", async () => {
    const { url, asked } = await restd("v0.0.38", {});
    const token = `x.${Buffer.from(JSON.stringify({ sun: "somebody" })).toString("base64url")}.x`;
    const transport = new RestTransport({ url, user: "ziggurat", token });
    await expect(transport.submit(request)).rejects.toThrow(/token is of user somebody, and the connection names ziggurat/);
    expect(asked).toEqual([]);
  });

  it("is no redirect: the token goes to one address", async () => {
    const target = await restd("v0.0.38", {});
    const server = createServer((_, response) => response.writeHead(307, { location: `${target.url}/openapi/v3` }).end());
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    await expect(new RestTransport({ url, user: "ziggurat", token: "a.b.c" }).jobs()).rejects.toBeInstanceOf(SlurmAway);
    expect(target.asked).toEqual([]);
  });

  it("is a version that an upgrade took away: the next call looks for another", async () => {
    const { transport, asked } = await restd("v0.0.38", {});
    for (const _ of [1, 2]) await expect(transport.jobs()).rejects.toBeInstanceOf(SlurmAway);
    expect(asked.map(({ path }) => path)).toEqual(["/openapi/v3", "/slurm/v0.0.38/jobs", "/openapi/v3", "/slurm/v0.0.38/jobs"]);
  });

  it("is no job that ended while it was being cancelled", async () => {
    const { transport } = await restd("v0.0.38", {
      "DELETE /job/7": error(500, { error_number: 2017, error: "Invalid job id specified" }),
    });
    await expect(transport.cancel({ id: "7" })).resolves.toBeUndefined();
  });
});

describe("a JSON web token", () => {
  it("says when it runs out, if it does", () => {
    const token = (payload: object) => `x.${Buffer.from(JSON.stringify(payload)).toString("base64url")}.x`;
    expect(expiryOf(token({ exp: 1_796_092_254, sun: "root" }))).toBe(1_796_092_254_000);
    for (const text of [token({ sun: "root" }), "no token", "", "a.!.c"]) expect(expiryOf(text)).toBeNull();
  });
});
