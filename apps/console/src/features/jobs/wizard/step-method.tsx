import { Checkbox, NativeSelect, Radio, TextInput } from "@mantine/core";
import { METHODS_OF_KIND, Method } from "@ziggurat/contracts";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../../lib/use-formats.js";
import { violationsElsewhere } from "../../../lib/violations.js";
import { useWords } from "../../../lib/words.js";
import { ViolationList } from "../../../ui/violation-list.js";
import type { FieldValue } from "./draft.js";
import { stepOf } from "./draft.js";
import { useFieldError } from "./field-error.js";
import { type HyperparameterField, hyperparameterFields } from "./hyperparameter-fields.js";
import type { StepProps } from "./step-task.js";

/** How it is done. An empty field leaves the choice to the tier. */
export function StepMethod({ draft, change, violations }: StepProps) {
  const { t } = useTranslation("jobs");
  const words = useWords();
  const errorAt = useFieldError(violations);
  const methods = METHODS_OF_KIND[draft.kind];
  const fields = useMemo(() => hyperparameterFields(draft.method), [draft.method]);
  const held = draft.hyperparameters[draft.method] ?? {};
  const setField = (name: string, value: FieldValue) =>
    change({ hyperparameters: { ...draft.hyperparameters, [draft.method]: { ...held, [name]: value } } });
  const shown = ["/method", "/seed", ...fields.map((field) => pointerOf(field.name))];
  const elsewhere = violationsElsewhere(
    violations.filter((violation) => stepOf(violation) === "method"),
    shown,
  );
  return (
    <div className="zg-stack">
      <ViolationList violations={elsewhere} />
      <Radio.Group
        label={t("wizard.method")}
        value={draft.method}
        error={errorAt("/method")}
        onChange={(value) => change({ method: Method.parse(value) })}
      >
        <div className="zg-row zg-row-wide zg-methods">
          {methods.map((method) => (
            <Radio key={method} value={method} label={words.t(`method.${method}`)} />
          ))}
        </div>
      </Radio.Group>
      <div className="zg-fields">
        {fields.map((field) => (
          <HyperparameterInput
            key={field.name}
            field={field}
            value={held[field.name]}
            error={errorAt(pointerOf(field.name))}
            onChange={(value) => setField(field.name, value)}
          />
        ))}
        <TextInput
          label={t("wizard.seed")}
          inputMode="numeric"
          value={draft.seed}
          error={errorAt("/seed")}
          onChange={(event) => change({ seed: event.currentTarget.value })}
        />
      </div>
    </div>
  );
}

function pointerOf(name: string): string {
  return `/hyperparameters/${name.split(".").join("/")}`;
}

interface HyperparameterInputProps {
  readonly field: HyperparameterField;
  readonly value: FieldValue | undefined;
  readonly error: string | undefined;
  readonly onChange: (value: FieldValue) => void;
}

function HyperparameterInput({ field, value, error, onChange }: HyperparameterInputProps) {
  const { t } = useTranslation("jobs");
  const words = useWords();
  const formats = useFormats();
  const label = words.known("hyperparameter", field.name);
  if (field.kind === "boolean") {
    return (
      <Checkbox
        label={label}
        checked={typeof value === "boolean" ? value : field.fallback === true}
        error={error}
        onChange={(event) => onChange(event.currentTarget.checked)}
      />
    );
  }
  if (field.kind === "choice") {
    return (
      <NativeSelect
        label={label}
        value={typeof value === "string" ? value : ""}
        data={[
          { value: "", label: t("wizard.tierDefault") },
          ...field.options.map((option) => ({ value: option, label: words.known("schedule", option) })),
        ]}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  if (field.kind === "choices") {
    const chosen = Array.isArray(value) ? value : Array.isArray(field.fallback) ? field.fallback : [];
    return (
      <Checkbox.Group className="zg-field-wide" label={label} value={chosen} onChange={onChange} error={error}>
        <div className="zg-row zg-row-wide zg-methods">
          {field.options.map((option) => (
            <Checkbox key={option} value={option} label={<code>{option}</code>} />
          ))}
        </div>
      </Checkbox.Group>
    );
  }
  const range =
    field.minimum !== null && field.maximum !== null
      ? t("wizard.range", { from: formats.number(field.minimum, 6), until: formats.number(field.maximum, 6) })
      : undefined;
  return (
    <TextInput
      label={label}
      description={range}
      inputMode="decimal"
      placeholder={typeof field.fallback === "number" ? String(field.fallback) : t("wizard.tierDefault")}
      value={typeof value === "string" ? value : ""}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
