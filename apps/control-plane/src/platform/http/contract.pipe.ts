import { type ArgumentMetadata, Injectable, StandardSchemaValidationPipe } from "@nestjs/common";
import type { z } from "zod";
import { Refusal } from "../errors/refusal.js";
import { violationsOf } from "../errors/violations-of.js";

/** Parses every parameter by the schema on it: `@Body({ schema })`, `@Query({ schema })`, `@Param({ schema })`. */
@Injectable()
export class ContractPipe extends StandardSchemaValidationPipe {
  constructor() {
    super({ exceptionFactory: (issues) => new SchemaIssues(issues) });
  }

  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    try {
      return await super.transform(value, metadata);
    } catch (error) {
      if (!(error instanceof SchemaIssues)) throw error;
      const violations = violationsOf(error.issues.filter(isZodIssue), metadata.type);
      const reasons = violations.map(({ detail }) => detail).join("; ");
      throw new Refusal("invalid", `The ${PLACES[metadata.type]} is not as described: ${reasons}`, violations);
    }
  }
}

class SchemaIssues extends Error {
  constructor(readonly issues: readonly object[]) {
    super("The value does not fit its schema.");
  }
}

function isZodIssue(issue: object): issue is z.core.$ZodIssue {
  return "code" in issue && "path" in issue;
}

const PLACES: Readonly<Record<ArgumentMetadata["type"], string>> = {
  body: "body",
  query: "query",
  param: "path",
  custom: "request",
};
