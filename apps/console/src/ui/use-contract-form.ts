import { useForm } from "@mantine/form";
import type { Violation } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import type { ZodType } from "zod";
import { violationText } from "../lib/problem-text.js";
import { schemaErrors } from "../lib/schema-errors.js";

/**
 * A form that is checked by the contract's own schema and takes the server's violations at its fields.
 * `refuse` puts each violation at its field and answers those that belong to none.
 */
export function useContractForm<V extends Record<string, unknown>>(
  schema: ZodType,
  initialValues: V,
  toRequest: (values: V) => unknown = (values) => values,
) {
  const { i18n } = useTranslation();
  const form = useForm<V>({
    initialValues,
    validate: (values) => schemaErrors(schema, toRequest(values)),
    onSubmitPreventDefault: "always",
  });
  const refuse = (violations: readonly Violation[]): Violation[] => {
    const atField = violations.filter((violation) => violation.pointer !== undefined && fieldOf(violation) in initialValues);
    for (const violation of atField) form.setFieldError(fieldOf(violation), violationText(violation, i18n.language));
    return violations.filter((violation) => !atField.includes(violation));
  };
  return { form, refuse };
}

function fieldOf(violation: Violation): string {
  return violation.pointer?.slice(1).split("/")[0] ?? "";
}

/** Moves focus to the first field with an error, after the errors are on the page. */
export function focusFirstError(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>("main [aria-invalid='true'], main [data-error='true'] input")?.focus());
}
