import { TextInput } from "@mantine/core";

interface FilterTimeProps {
  readonly label: string;
  /** A moment in UTC. */
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

/** A moment of a filter bar, in the reader's zone. */
export function FilterTime({ label, value, onChange }: FilterTimeProps) {
  return (
    <TextInput
      type="datetime-local"
      label={label}
      value={value === undefined ? "" : localText(value)}
      onChange={(event) => {
        const at = new Date(event.currentTarget.value);
        onChange(Number.isNaN(at.getTime()) ? undefined : at.toISOString());
      }}
    />
  );
}

/** `2026-11-24T20:05`, as the field wants it. */
function localText(moment: string): string {
  const at = new Date(moment);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
