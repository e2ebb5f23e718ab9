import { Inject, Injectable } from "@nestjs/common";
import { type BatchAnswer, type LineageEventBody, parseLineageName, type RunEvent, TakenEvent, type Violation } from "@ziggurat/contracts";
import { checkRunEvent, hubOf } from "@ziggurat/lineage";
import { CONFIG, type Config } from "../../platform/config.js";
import { canonicalJson } from "../../platform/database/audit-record.js";
import { PLATFORM_SLUG } from "../../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import type { Viewer } from "../../platform/database/viewer.js";
import { Refusal, refuseIfAny } from "../../platform/errors/refusal.js";
import { authorityOf } from "../authority.js";
import { ExternalRunsRepository, type NamedObject } from "./external-runs.repository.js";

interface Mention {
  readonly name: string;
  readonly kind: "version" | "dataset";
  readonly ref: string;
  readonly pointer: string;
}

/** Takes OpenLineage events from programs outside. What they say is declared: it is kept and shown apart, and changes no edge. */
@Injectable()
export class ExternalRuns {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly repository: ExternalRunsRepository,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The same event twice is one event. @throws Refusal when it is no RunEvent, or speaks of something the sender has not got */
  take(viewer: Viewer, body: LineageEventBody): Promise<TakenEvent> {
    const checked = checkRunEvent(body);
    if (!checked.ok) refuseIfAny(checked.violations);
    if (!checked.ok) throw new Error("A refused event has a reason.");
    return this.unitOfWork.run(viewer, (tx) => this.store(tx, checked.event, body));
  }

  /** Each event on its own: those that do not hold are named, the others are kept. */
  async takeAll(viewer: Viewer, bodies: readonly LineageEventBody[]): Promise<BatchAnswer> {
    const failed: BatchAnswer["failed_events"] = [];
    for (const [index, body] of bodies.entries()) {
      try {
        await this.take(viewer, body);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        failed.push({ index, reason: error.detail, retriable: false });
      }
    }
    const summary = {
      received: bodies.length,
      successful: bodies.length - failed.length,
      failed: failed.length,
      retriable: 0,
      non_retriable: failed.length,
    };
    return { status: failed.length === 0 ? "success" : "partial_success", summary, failed_events: failed };
  }

  private async store(tx: Tx, event: RunEvent, body: LineageEventBody): Promise<TakenEvent> {
    const mentions = this.mentions(tx.viewer, event);
    const objects = await this.find(tx, mentions);
    const found = new Set(objects.map(({ name }) => name));
    refuseIfAny(mentions.filter(({ name }) => !found.has(name)).map(unknownObject));
    const { id, known } = await this.repository.insert(tx, event, canonicalJson(body));
    const names = [...found].sort();
    const taken = TakenEvent.parse({ id, known, names });
    if (known) return taken;
    await this.repository.addNames(tx, id, objects);
    await tx.audit({
      institutionId: tx.viewer.institutionId,
      action: "lineage.declare",
      object: names[0] ?? event.run.runId,
      reason: `${event.eventType} of ${event.job.namespace}/${event.job.name}, run ${event.run.runId}`,
      after: body,
    });
    return taken;
  }

  /** Names under our own address in the sender's namespaces. Names of anything else stay in the event and lead nowhere. */
  private mentions(viewer: Viewer, event: RunEvent): readonly Mention[] {
    const home = hubOf(authorityOf(this.config));
    const own = viewer.institutionSlug === PLATFORM_SLUG ? ["foundation", "finance"] : [viewer.institutionSlug];
    const sides = { inputs: event.inputs, outputs: event.outputs };
    return Object.entries(sides).flatMap(([side, datasets]) =>
      datasets.flatMap(({ namespace, name }, index) => {
        const parsed = namespace === home ? parseLineageName(name) : null;
        if (parsed === null || !own.includes(parsed.ref.split("/")[0] ?? "")) return [];
        return [{ ...parsed, name, pointer: `/${side}/${index}/name` }];
      }),
    );
  }

  private async find(tx: Tx, mentions: readonly Mention[]): Promise<NamedObject[]> {
    const refs = (kind: Mention["kind"]) => [...new Set(mentions.filter((mention) => mention.kind === kind).map(({ ref }) => ref))];
    return [...(await this.repository.versions(tx, refs("version"))), ...(await this.repository.datasets(tx, refs("dataset")))];
  }
}

function unknownObject({ name, pointer }: Mention): Violation {
  return { code: "object_unknown", detail: `there is no ${name}`, pointer };
}
