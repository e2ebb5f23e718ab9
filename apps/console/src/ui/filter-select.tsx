import { NativeSelect } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface FilterSelectProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly options: readonly { readonly value: string; readonly label: string }[];
  readonly onChange: (value: string | undefined) => void;
}

/** One choice of a filter bar; the first means any. */
export function FilterSelect({ label, value, options, onChange }: FilterSelectProps) {
  const { t } = useTranslation();
  return (
    <NativeSelect
      label={label}
      value={value ?? ""}
      data={[{ value: "", label: t("any") }, ...options]}
      onChange={(event) => onChange(event.currentTarget.value || undefined)}
    />
  );
}
