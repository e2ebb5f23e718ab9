import { Textarea } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface ReasonFieldProps {
  readonly value: string;
  readonly onChange: (reason: string) => void;
  /** Who reads it, or what it should say. */
  readonly description?: string;
  readonly required?: boolean;
  readonly isFirst?: boolean;
}

/** Why somebody does something, in their own words; it stands in the audit log. */
export function ReasonField({ value, onChange, description, required = true, isFirst = false }: ReasonFieldProps) {
  const { t } = useTranslation();
  return (
    <Textarea
      label={t("reason")}
      description={description}
      value={value}
      required={required}
      maxLength={2000}
      autosize
      minRows={2}
      data-autofocus={isFirst || undefined}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
