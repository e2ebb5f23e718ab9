import { createHmac, hkdfSync } from "node:crypto";
import { Inject, Injectable } from "@nestjs/common";
import { CONFIG, type Config } from "../platform/config.js";
import { PLATFORM_ID, PLATFORM_SLUG } from "../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../platform/database/unit-of-work.js";
import { systemViewer } from "../platform/database/viewer.js";
import { Refusal } from "../platform/errors/refusal.js";
import { PlatformKeys } from "../platform/keys/platform-keys.js";
import { addressKey } from "../platform/limits/address-key.js";
import { type BackoffRule, type Streak, waitSeconds } from "./sign-in-streak.js";
import { type Noted, SignInStreaksRepository } from "./sign-in-streaks.repository.js";

const counter = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "sign-in");

/** Few tries of one address for one account; of the account, from wherever, as many as NIST SP 800-63B (5.2.2) allows at most. */
const PAIR: BackoffRule = { freeTries: 5, longestWaitSeconds: 300, atOnce: 20 };
/** Short: whoever fails on purpose must not keep the owner out for long. */
const ACCOUNT: BackoffRule = { freeTries: 100, longestWaitSeconds: 30, atOnce: 200 };
/** What was turned away is noted this long after the last try that was read. */
const QUIET_SECONDS = 60;

/** A try that was let through; it ends as one that succeeded, was wrong, or is undecided. */
export interface Try {
  readonly pair: string;
  readonly account: string;
  readonly address: string;
}

/** Slows guessing down, in rows: a restart forgets nothing, and tries at several processes are counted together. */
@Injectable()
export class LoginBackoff {
  private readonly key: Buffer;
  private readonly addressRule: BackoffRule;

  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly streaks: SignInStreaksRepository,
    keys: PlatformKeys,
    @Inject(CONFIG) { limits }: Pick<Config, "limits">,
  ) {
    this.key = Buffer.from(hkdfSync("sha256", keys.cursorKey, "", "ziggurat sign-in streaks", 32));
    this.addressRule = { freeTries: limits.refusedSignIns, longestWaitSeconds: 300, atOnce: 200 };
  }

  /**
   * Lets a try through, unless too many were wrong or are being looked at: of a thousand that come at once twenty are read.
   * @throws Refusal `limited`
   */
  async begin(address: string, email: string): Promise<Try> {
    const from = addressKey(address);
    const attempt: Try = {
      pair: this.digest("pair", from, email),
      account: this.digest("account", email),
      address: this.digest("address", from),
    };
    const wait = await this.unitOfWork.note(counter, async (tx) => {
      // Looked at first without a lock: those who have to wait anyway are not to queue up for one.
      const early = this.waitOf(attempt, await this.streaks.find(tx, Object.values(attempt)));
      const found = early ?? this.waitOf(attempt, await this.streaks.lock(tx, attempt.pair, Object.values(attempt)));
      if (found === null) await this.streaks.begin(tx, attempt.pair);
      else await this.streaks.turnedAway(tx, found.key);
      return found?.seconds ?? 0;
    });
    if (wait > 0) throw new Refusal("limited", "Too many wrong passwords; wait a little.", [], { "retry-after": String(wait) });
    return attempt;
  }

  /** It was right: the account's streak ends. What else its address got wrong stands. */
  async succeeded({ pair, account }: Try): Promise<void> {
    await this.unitOfWork.note(counter, async (tx) => {
      await this.streaks.end(tx, pair);
      await this.streaks.forget(tx, [pair, account]);
      await this.streaks.sweep(tx);
    });
  }

  /** It was neither right nor wrong: the code of a second factor is still to come. */
  async undecided({ pair }: Try): Promise<void> {
    await this.unitOfWork.note(counter, (tx) => this.streaks.end(tx, pair));
  }

  /** It was wrong. Noted with it is how many were turned away since the last one that was read. */
  async failed(tx: Tx, { pair, account, address }: Try, meant: readonly Noted[], why: string): Promise<void> {
    await this.streaks.end(tx, pair);
    await this.streaks.count(tx, [pair, account, address]);
    const turnedAway = await this.streaks.takeUnnoted(tx, pair, meant);
    const reason = turnedAway === 0 ? why : `${why}; ${turnedAway} more turned away before it`;
    await tx.auditAll(meant.map(({ institutionId, id }) => ({ institutionId, action: "session.refused", object: id, reason })));
  }

  /** Notes those that were turned away last, once their attacker has gone quiet. One entry for all of them. */
  async noteQuiet(quietSeconds = QUIET_SECONDS): Promise<void> {
    await this.unitOfWork.run(counter, async (tx) => {
      const quiet = await this.streaks.takeQuiet(tx, quietSeconds);
      await tx.auditAll(
        quiet.flatMap(({ unnoted, noted }) =>
          (noted.length === 0 ? [{ institutionId: PLATFORM_ID, id: "nobody" }] : noted).map(({ institutionId, id }) => ({
            institutionId,
            action: "session.refused",
            object: id,
            reason: `${unnoted} more turned away unread, while waiting was asked for`,
          })),
        ),
      );
      await this.streaks.sweep(tx);
    });
  }

  /** The streak that asks for waiting. Counted at it: made-up accounts of an address that has to wait leave no rows of their own. */
  private waitOf(
    { pair, account, address }: Try,
    streaks: ReadonlyMap<string, Streak>,
  ): { readonly key: string; readonly seconds: number } | null {
    const rules: readonly (readonly [string, BackoffRule])[] = [
      [pair, PAIR],
      [account, ACCOUNT],
      [address, this.addressRule],
    ];
    for (const [key, rule] of rules) {
      const streak = streaks.get(key);
      const seconds = streak === undefined ? 0 : waitSeconds(rule, streak);
      if (seconds > 0) return { key, seconds };
    }
    return null;
  }

  private digest(...parts: readonly string[]): string {
    return createHmac("sha256", this.key)
      .update(parts.map((part) => part.toLowerCase()).join("\n"))
      .digest("base64url");
  }
}
