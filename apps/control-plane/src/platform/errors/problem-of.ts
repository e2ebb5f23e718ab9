import { HttpException } from "@nestjs/common";
import { PROBLEMS, type ProblemCode } from "@ziggurat/contracts";
import { Refusal } from "./refusal.js";

/** Whatever was thrown, as the refusal to answer with. `internal` is the only one whose cause is logged and never shown. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof Refusal) return thrown;
  if (thrown instanceof HttpException) return byStatus(thrown.getStatus(), thrown.message);
  return (
    databaseRefusal(thrown) ?? httpRefusal(thrown) ?? new Refusal("internal", "Something broke on our side; the request id leads to it.")
  );
}

/** PostgreSQL's own answers that are the caller's doing. Texts are ours: the server's would name tables. */
function databaseRefusal(thrown: unknown): Refusal | null {
  const code = databaseCode(thrown);
  if (code === null) return null;
  switch (code) {
    case "ZG001":
      return new Refusal("conflict", "It is sealed and cannot change any more.", [
        { code: "sealed", detail: "sealed things are immutable" },
      ]);
    case "ZG002":
      return new Refusal("conflict", "This record is only ever added to.", [{ code: "append_only", detail: "records are append-only" }]);
    case "ZG003":
      return new Refusal("rule", "This derivation is not legal.", [{ code: "derivation", detail: "the derivation is not legal" }]);
    case "ZG004":
      return new Refusal("conflict", "Its files were dropped for good, or something keeps it from that.", [
        { code: "retention", detail: "what is in use or held is not purged, and nothing is done with what was purged" },
      ]);
    case "ZG005":
      return new Refusal("conflict", "The institution is leaving: nothing of it is changed any more.", [
        { code: "institution_leaving", detail: "the institution is leaving, and read only until that is cancelled" },
      ]);
    case "ZG006":
      return new Refusal("conflict", "Groups give this role; take it from them first.", [
        { code: "role_in_use", detail: "groups of the directory or of a provider give it" },
      ]);
    case "23505":
      return new Refusal("conflict", "Something with this name is already there.", [{ code: "duplicate", detail: "already exists" }]);
    case "23503":
      if (BLOB_KEYS.has(constraintOf(thrown) ?? "")) {
        return new Refusal("rule", "Bytes that it names are gone; upload them again.", [
          { code: "blob_unknown", detail: "bytes that it names were collected as garbage; upload them again" },
        ]);
      }
      return new Refusal("conflict", "Something it depends on is not there, or still depends on it.");
    case "40001":
    case "40P01":
      return new Refusal("conflict", "Someone else changed the same thing just now; try again.");
    case "57P01":
    case "57P03":
    case "53300":
    case "ECONNREFUSED":
    case "ECONNRESET":
      return new Refusal("unavailable", "The database is not answering right now.", [], { "retry-after": "2" });
    default:
      return null;
  }
}

/** What may name bytes that are being removed at this very moment. */
const BLOB_KEYS: ReadonlySet<string> = new Set(["version_files_blob", "dataset_versions_stored", "evaluations_items"]);

function constraintOf(thrown: unknown): string | null {
  if (!(thrown instanceof Error)) return null;
  const cause = "driverError" in thrown && thrown.driverError instanceof Error ? thrown.driverError : thrown;
  return "constraint" in cause && typeof cause.constraint === "string" ? cause.constraint : null;
}

/** SQLSTATE or connection errno of a failed statement, wherever TypeORM put it. */
export function databaseCode(thrown: unknown): string | null {
  if (!(thrown instanceof Error)) return null;
  const cause = "driverError" in thrown && thrown.driverError instanceof Error ? thrown.driverError : thrown;
  return "code" in cause && typeof cause.code === "string" ? cause.code : null;
}

/** Fastify's errors carry a status: bad JSON, too large, unknown media type, and so on. */
function httpRefusal(thrown: unknown): Refusal | null {
  if (!(thrown instanceof Error) || !("statusCode" in thrown) || typeof thrown.statusCode !== "number") return null;
  return byStatus(thrown.statusCode, thrown.message);
}

const CODE_OF_STATUS: Readonly<Record<number, ProblemCode>> = {
  400: "invalid",
  401: "unauthenticated",
  403: "denied",
  404: "hidden",
  405: "method_not_allowed",
  409: "conflict",
  412: "stale",
  413: "too_large",
  415: "unsupported_media_type",
  416: "range_mismatch",
  422: "rule",
  428: "precondition_required",
  429: "limited",
  503: "unavailable",
};

function byStatus(status: number, message: string): Refusal {
  const code = CODE_OF_STATUS[status] ?? (status < 500 ? "invalid" : "internal");
  return new Refusal(
    code,
    code === "internal" ? "Something broke on our side; the request id leads to it." : message || PROBLEMS[code].title,
  );
}
