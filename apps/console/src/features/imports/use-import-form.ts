import { useForm } from "@mantine/form";
import { CreateImport, type Violation } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { violationText } from "../../lib/problem-text.js";
import { schemaErrors } from "../../lib/schema-errors.js";
import { emptyImportForm, fieldOf, type ImportForm, importRequest } from "./import-form.js";

/** Fields whose form a word of their own explains better than the schema's. */
const EXPLAINED = ["repo", "endpoint", "bucket", "region", "path"] as const;

/** The form, checked by the contract's own schema; `refuse` puts the server's violations at their fields and answers the others. */
export function useImportForm(model: string) {
  const { t, i18n } = useTranslation(["imports", "problems"]);
  const form = useForm<ImportForm>({
    initialValues: emptyImportForm(),
    onSubmitPreventDefault: "always",
    validate: (values) => {
      const errors = Object.entries(schemaErrors(CreateImport, importRequest(values, model)));
      return Object.fromEntries(
        errors.map(([path, text]) => {
          const field = fieldOf(path.split("."));
          const explained = EXPLAINED.find((name) => name === field);
          if (explained === undefined) return [field, text];
          return [field, String(values[explained]).trim() === "" ? t("problems:schema.required") : t(`imports:bad.${explained}`)];
        }),
      );
    },
  });
  const refuse = (violations: readonly Violation[]): Violation[] =>
    violations.filter((violation) => {
      const field = fieldOf(violation.pointer?.slice(1).split("/") ?? []);
      if (!(field in form.values)) return true;
      form.setFieldError(field, violationText(violation, i18n.language));
      return false;
    });
  return { form, refuse };
}
