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
    validate: (values) => atFields(schemaErrors(schema, toRequest(values)), initialValues),
    onSubmitPreventDefault: "always",
  });
  const refuse = (violations: readonly Violation[]): Violation[] => {
    const atField = violations.filter((violation) => fieldOf(violation, initialValues) !== undefined);
    for (const violation of atField) form.setFieldError(fieldOf(violation, initialValues) ?? "", violationText(violation, i18n.language));
    return violations.filter((violation) => !atField.includes(violation));
  };
  return { form, refuse };
}

type Values = Readonly<Record<string, unknown>>;

function fieldOf({ pointer }: Violation, values: Values): string | undefined {
  return pointer === undefined ? undefined : nameIn(pointer.slice(1).split("/"), values);
}

/** Errors by the field that shows them; what belongs to none keeps its path. */
function atFields(errors: Readonly<Record<string, string>>, values: Values): Record<string, string> {
  return Object.fromEntries(Object.entries(errors).map(([path, text]) => [nameIn(path.split("."), values) ?? path, text]));
}

/** A form may be flat where its request is not: a part of a nested object is found by its own name. */
function nameIn(path: readonly string[], values: Values): string | undefined {
  const whole = path.join(".");
  return Object.hasOwn(values, whole) ? whole : path.find((part) => Object.hasOwn(values, part));
}

/** Moves focus to the first field with an error, after the errors are on the page. */
export function focusFirstError(): void {
  requestAnimationFrame(() => document.querySelector<HTMLElement>("main [aria-invalid='true'], main [data-error='true'] input")?.focus());
}
