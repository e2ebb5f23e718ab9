import { TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Model, pageOf, paths } from "@ziggurat/contracts";
import { useId } from "react";
import { api } from "../lib/api-client.js";

interface VersionPickerProps {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  readonly error?: string;
  readonly onChange: (value: string) => void;
}

/** One exact model version as `ns/slug@n`, with the latest of every visible model suggested. */
export function VersionPicker({ label, description, value, error, onChange }: VersionPickerProps) {
  const listId = useId();
  const { data } = useQuery({
    queryKey: [paths.models(), "latest"],
    queryFn: ({ signal }) => api.get(paths.models(), pageOf(Model), { signal, query: { limit: 200 } }),
  });
  const latest = data?.data.flatMap((model) => model.latest ?? []) ?? [];
  return (
    <>
      <TextInput
        label={label}
        description={description}
        placeholder="finance/ledger@1"
        list={listId}
        value={value}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value.trim())}
      />
      <datalist id={listId}>
        {latest.map((ref) => (
          <option key={ref} value={ref} />
        ))}
      </datalist>
    </>
  );
}
