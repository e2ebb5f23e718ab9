import { Injectable } from "@nestjs/common";
import type { CreatedToken, DecideDevice, DeviceCodes, DeviceRequest, RequestDevice } from "@ziggurat/contracts";
import { DeviceRequest as DeviceRequestShape } from "@ziggurat/contracts";
import { newId, PLATFORM_ID, PLATFORM_SLUG } from "../../platform/database/ids.js";
import { type Tx, UnitOfWork } from "../../platform/database/unit-of-work.js";
import { systemViewer, type Viewer } from "../../platform/database/viewer.js";
import { hidden, Refusal } from "../../platform/errors/refusal.js";
import type { Credential } from "../../platform/http/current-viewer.js";
import { PublicAddress } from "../../platform/http/public-address.js";
import { LoginBackoff } from "../login-backoff.service.js";
import { scopesWithin } from "../rights.js";
import { hashOf, newSecret } from "../secrets.js";
import { ownViewer } from "../sign-in.service.js";
import { TokensService } from "../tokens.service.js";
import { UsersRepository } from "../users.repository.js";
import { type Device, DevicesRepository } from "./devices.repository.js";
import { newUserCode, plainUserCode } from "./user-codes.js";

/** Seconds. */
const LIFE = 600;
const INTERVAL = 5;
/** Added to the interval of whoever asks too soon: RFC 8628, section 3.5. */
const SLOWER = 5;

const asPlatform = systemViewer(PLATFORM_ID, PLATFORM_SLUG, "device authorization");

/** Lets command lines in without a password on them: they show a code, and its owner says yes at a browser (RFC 8628). */
@Injectable()
export class Devices {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly devices: DevicesRepository,
    private readonly users: UsersRepository,
    private readonly tokens: TokensService,
    private readonly publicAddress: PublicAddress,
    private readonly backoff: LoginBackoff,
  ) {}

  async request({ name, scopes }: RequestDevice, address: string): Promise<DeviceCodes> {
    const deviceCode = newSecret();
    const userCode = newUserCode();
    const device = {
      id: newId("deviceAuthorization"),
      deviceHash: hashOf(deviceCode),
      userCodeHash: hashOf(plainUserCode(userCode)),
      name,
      address,
      scopes,
    };
    await this.unitOfWork.run(asPlatform, (tx) => this.devices.insert(tx, device, { interval: INTERVAL, life: LIFE }));
    const verificationUri = `${this.publicAddress.url}/device`;
    return {
      deviceCode,
      userCode,
      verificationUri,
      verificationUriComplete: `${verificationUri}?code=${userCode}`,
      expiresIn: LIFE,
      interval: INTERVAL,
    };
  }

  /** What a person reads before they decide. Wrong codes slow down whoever types them. */
  async find(viewer: Viewer, credential: Credential, userCode: string): Promise<DeviceRequest> {
    const device = await this.guarded(viewer, credential, () =>
      this.unitOfWork.run(asPlatform, (tx) => this.devices.lockWaiting(tx, hashOf(plainUserCode(userCode)))),
    );
    const [account] = await this.unitOfWork.run(viewer, async (tx) => [await this.users.findById(tx, viewer.userId)]);
    if (!account) throw hidden();
    return DeviceRequestShape.parse({
      name: device.name,
      address: device.address,
      scopes: device.scopes.filter((scope) => viewer.scopes.includes(scope)),
      withheld: device.scopes.filter((scope) => !viewer.scopes.includes(scope)),
      institution: { slug: account.institutionSlug, name: account.institutionName },
      createdAt: device.createdAt,
      expiresAt: device.expiresAt,
    });
  }

  /** Once: what was decided stays. Approved is what was asked for, as far as the person may do it. */
  async decide(viewer: Viewer, credential: Credential, { userCode, decision }: DecideDevice): Promise<void> {
    // The waiting device is the platform's and the word is the person's: written together, as theirs.
    await this.guarded(viewer, credential, () =>
      this.unitOfWork.run({ ...viewer, reach: "system" }, async (tx) => {
        const device = await this.devices.lockWaiting(tx, hashOf(plainUserCode(userCode)));
        if (device === null) return null;
        const scopes = device.scopes.filter((scope) => viewer.scopes.includes(scope));
        if (decision === "approve" && scopes.length === 0) {
          throw new Refusal("rule", "You may do nothing of what it asks for.", [
            { code: "scope", detail: "nothing of it is yours to allow" },
          ]);
        }
        await this.devices.decide(tx, device.id, decision, viewer.userId, scopes);
        const action = decision === "approve" ? "device.approve" : "device.deny";
        const after = { name: device.name, address: device.address, scopes };
        await tx.audit({ institutionId: viewer.institutionId, action, object: viewer.userId, after, reason: device.name });
        return device;
      }),
    );
  }

  /** Asked again and again by the command line, until there is a token or a no. The token is made as it is handed over, once. */
  async ask(deviceCode: string): Promise<CreatedToken> {
    const answer = await this.unitOfWork.run(asPlatform, (tx) => this.answer(tx, hashOf(deviceCode)));
    if (answer instanceof Refusal) throw answer;
    const account = await this.unitOfWork.run(asPlatform, (tx) => this.users.findById(tx, answer.userId));
    // Their owner may have left, or lost rights, since they said yes.
    const scopes = account === null ? [] : scopesWithin(answer.scopes, account);
    if (account === null || scopes.length === 0) throw denied();
    return this.tokens.create({ ...ownViewer(account, null), scopes }, { name: answer.name, scopes: [...scopes] });
  }

  /** Answered and not thrown, so that what was noted on the way is kept. */
  private async answer(tx: Tx, deviceHash: string): Promise<Refusal | (Device & { readonly userId: string })> {
    const device = await this.devices.lockByDevice(tx, deviceHash);
    if (device === null || device.isTaken || (device.isOver && device.decision !== "deny")) return expired();
    if (device.decision === "deny") return denied();
    if (device.isHasty) {
      const interval = device.intervalSeconds + SLOWER;
      await this.devices.noteQuestion(tx, device.id, interval);
      return slowDown(interval);
    }
    await this.devices.noteQuestion(tx, device.id, device.intervalSeconds);
    if (device.decision === null || device.userId === null) return pending();
    await this.devices.take(tx, device.id);
    return { ...device, userId: device.userId };
  }

  /** Looks for a waiting command line, slower after each wrong code. What nobody has, is over or was used is answered alike. */
  private async guarded<T>(viewer: Viewer, credential: Credential, find: () => Promise<T | null>): Promise<T> {
    if (credential.kind === "token") throw new Refusal("denied", "A command line is let in by signing in, not with a token.");
    const attempt = await this.backoff.begin(`device of ${viewer.userId}`, viewer.userId);
    const found = await find().catch(async (error: unknown) => {
      await this.backoff.undecided(attempt);
      throw error;
    });
    if (found !== null) {
      await this.backoff.undecided(attempt);
      return found;
    }
    const noted = [{ institutionId: viewer.institutionId, id: viewer.userId }];
    await this.unitOfWork.run(asPlatform, (tx) => this.backoff.failed(tx, attempt, noted, "wrong code of a command line"));
    throw new Refusal("rule", "No command line waits with this code.", [
      { code: "user_code", detail: "no command line waits with this code", pointer: "/userCode" },
    ]);
  }
}

const pending = (): Refusal =>
  new Refusal("conflict", "The person has not decided yet.", [{ code: "authorization_pending", detail: "nobody has decided yet" }]);
const slowDown = (interval: number): Refusal =>
  new Refusal("limited", "Ask less often.", [{ code: "slow_down", detail: `wait ${interval} seconds between two questions` }], {
    "retry-after": String(interval),
  });
const expired = (): Refusal =>
  new Refusal("conflict", "This code has ended; ask for a new one.", [{ code: "expired_token", detail: "the code has ended or was used" }]);
const denied = (): Refusal =>
  new Refusal("denied", "The person said no.", [{ code: "access_denied", detail: "the request was turned down" }]);
