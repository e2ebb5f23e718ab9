import { z } from "zod";
import {
  endedAlready,
  type PastJob,
  SlurmAway,
  SlurmDenied,
  type SlurmJob,
  type SlurmNode,
  type SlurmPartition,
  type SlurmRequest,
  SlurmSaysNo,
  type SlurmTransport,
} from "../slurm-transport.js";
import { claimsOf, expiryOf } from "./json-web-token.js";
import { chooseVersion, REST_VERSIONS, type RestVersion } from "./rest-version.js";

export interface RestOptions {
  /** Address of slurmrestd. */
  readonly url: string;
  readonly user: string;
  /** JWT of that user. */
  readonly token: string;
  /** Milliseconds that slurmrestd may take; it waits 9 s itself for a controller that is gone. */
  readonly timeoutMs?: number;
}

/** Job numbers end below this one, so no job has it. */
const NO_JOB = 67_108_864;
/** slurmrestd itself tries for longer to reach a controller that is gone; a refused token it reports at once. */
const AT_ONCE_MS = 3000;

/** Slurm by slurmrestd with a JWT. */
export class RestTransport implements SlurmTransport {
  private chosen: Promise<{ readonly name: string; readonly version: RestVersion; readonly hasAccounting: boolean }> | null = null;

  constructor(private readonly options: RestOptions) {}

  async version(): Promise<string> {
    const { name } = await this.negotiated();
    const { meta } = Meta.parse(await this.call("GET", "ping"));
    // The name of a field changed its case between versions.
    return `Slurm ${(meta.slurm ?? meta.Slurm)?.release ?? "of unknown version"} (${name})`;
  }

  async jobs(): Promise<readonly SlurmJob[]> {
    const { version } = await this.negotiated();
    return this.decoded(await this.call("GET", "jobs"), (answer) => version.jobs(answer, this.options.user));
  }

  async nodes(): Promise<readonly SlurmNode[]> {
    const { version } = await this.negotiated();
    return this.decoded(await this.call("GET", "nodes"), version.nodes);
  }

  async partitions(): Promise<readonly SlurmPartition[]> {
    const { version } = await this.negotiated();
    return this.decoded(await this.call("GET", "partitions"), version.partitions);
  }

  async submit(request: SlurmRequest): Promise<string> {
    const { version } = await this.negotiated();
    const answer = await this.call("POST", "job/submit", version.submission(request));
    return this.decoded(answer, (body) => String(Submitted.parse(body).job_id));
  }

  async cancel({ id }: Pick<SlurmJob, "id">): Promise<void> {
    await this.call("DELETE", `job/${encodeURIComponent(id)}`).catch(endedAlready);
  }

  async past(name: string): Promise<PastJob | null> {
    const { version, name: versionName, hasAccounting } = await this.negotiated();
    if (!hasAccounting) return null;
    const answer = await this.request("GET", `/slurmdb/${versionName}/jobs?job_name=${encodeURIComponent(name)}`);
    const jobs = this.decoded(answer, version.past).filter(({ job }) => job.name === name);
    return jobs.toSorted((a, b) => (b.job.submittedAt ?? 0) - (a.job.submittedAt ?? 0))[0] ?? null;
  }

  /** Reads once which versions the other side serves. */
  private async negotiated() {
    const { token, user } = this.options;
    const owner = claimsOf(token).user;
    // slurmrestd goes by the token alone: jobs would run as its user, and nobody would find them under the other name.
    if (owner !== null && owner !== user) throw new SlurmDenied(`The token is of user ${owner}, and the connection names ${user}.`);
    this.chosen ??= this.request("GET", "/openapi/v3").then((answer) => {
      const paths = Object.keys(this.decoded(answer, (body) => Described.parse(body).paths));
      const name = chooseVersion(paths);
      const version = REST_VERSIONS.get(name ?? "");
      if (name === null || version === undefined)
        throw new SlurmSaysNo(`slurmrestd serves none of ${[...REST_VERSIONS.keys()].join(", ")}; start it with one of these plugins.`);
      return { name, version, hasAccounting: paths.some((path) => path.startsWith(`/slurmdb/${name}/`)) };
    });
    this.chosen.catch(() => {
      this.chosen = null;
    });
    return this.chosen;
  }

  private async call(method: string, path: string, body?: unknown): Promise<unknown> {
    const { name } = await this.negotiated();
    const began = performance.now();
    try {
      return await this.request(method, `/slurm/${name}/${path}`, body);
    } catch (error) {
      if (!(error instanceof Unspecified)) throw error;
      if (performance.now() - began > AT_ONCE_MS) throw new SlurmAway(CONTROLLER_GONE);
      throw await this.whyUnspecified(name);
    }
  }

  /**
   * Readers answer "Unspecified error" for a bad token and a dead controller alike. Only the end of a job names its cause, so the end of
   * one that cannot exist is asked for.
   */
  private async whyUnspecified(version: string): Promise<Error> {
    try {
      await this.request("DELETE", `/slurm/${version}/job/${NO_JOB}`);
    } catch (error) {
      if (error instanceof SlurmSaysNo) return new SlurmAway("slurmrestd could not answer and does not say why.");
      return error instanceof Unspecified ? new SlurmAway(CONTROLLER_GONE) : (error as Error);
    }
    return new SlurmAway("slurmrestd could not answer and does not say why.");
  }

  private async request(method: string, path: string, body?: unknown): Promise<unknown> {
    const { status, text } = await this.fetched(method, path, body);
    if (status === 401 || status === 403) throw this.denied(`slurmrestd answers ${status}`);
    // The version may be gone with an upgrade: the next call looks again.
    if (status === 404) this.chosen = null;
    const answer = parsed(text);
    const errors = Errors.safeParse(answer).data?.errors ?? [];
    if (status < 400 && answer !== null) return answer;
    const [first] = errors;
    if (first === undefined) throw new SlurmAway(`${this.options.url} answers ${status} and nothing that slurmrestd would say.`);
    const words = wordsOf(first);
    const number = first.error_number ?? first.error_code ?? first.errno ?? -1;
    if (number === -1) throw new Unspecified(words);
    // The controller hangs up on whom it does not believe.
    if (number === 5005 || AUTH_WORDS.test(words)) throw this.denied(words);
    if ((number >= 1000 && number < 2000) || (number >= 5000 && number < 6000)) throw new SlurmAway(words);
    throw new SlurmSaysNo(errors.map(wordsOf).join("; "));
  }

  private async fetched(method: string, path: string, body: unknown): Promise<{ readonly status: number; readonly text: string }> {
    const { url, user, token, timeoutMs = 20_000 } = this.options;
    try {
      const response = await fetch(new URL(path, url), {
        method,
        // The token goes nowhere but to the address it is for.
        redirect: "error",
        headers: {
          "X-SLURM-USER-NAME": user,
          "X-SLURM-USER-TOKEN": token,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new SlurmAway(`slurmrestd at ${url} does not answer: ${cause}`, { cause: error });
    }
  }

  private denied(words: string): SlurmDenied {
    const expiry = expiryOf(this.options.token);
    const reason =
      expiry === null
        ? "The token is no JWT that says when it ends."
        : expiry <= Date.now()
          ? `The token ran out at ${new Date(expiry).toISOString()}.`
          : `Its key, or the user ${this.options.user}, is not the one that the token was made with.`;
    return new SlurmDenied(`Slurm does not take the token (${words}). ${reason}`);
  }

  /** An answer of another form than the version promises is as good as none. */
  private decoded<T>(answer: unknown, decode: (answer: unknown) => T): T {
    try {
      return decode(answer);
    } catch (error) {
      throw new SlurmAway("slurmrestd answers in a form that its version does not have.", { cause: error });
    }
  }
}

/** An error without a number or a word of its cause. */
class Unspecified extends Error {}

const CONTROLLER_GONE = "slurmrestd answers, but the controller slurmctld does not.";
const AUTH_WORDS = /authenticat/i;

const SlurmError = z.looseObject({
  error: z.string().nullish(),
  description: z.string().nullish(),
  // The number has had three names.
  error_number: z.number().optional(),
  error_code: z.number().optional(),
  errno: z.number().optional(),
});
const Errors = z.looseObject({ errors: z.array(SlurmError).default([]) });
const Release = z.looseObject({ release: z.string().optional() }).optional();
const Meta = z.looseObject({ meta: z.looseObject({ Slurm: Release, slurm: Release }) });
const Described = z.looseObject({ paths: z.record(z.string(), z.unknown()) });
const Submitted = z.looseObject({ job_id: z.number().int().min(1) });

const wordsOf = ({ error, description }: z.output<typeof SlurmError>): string =>
  [...new Set([error, description])].filter((part) => typeof part === "string" && part !== "").join(": ");

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
