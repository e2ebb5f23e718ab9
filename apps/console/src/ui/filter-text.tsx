import { TextInput } from "@mantine/core";
import { useEffect, useState } from "react";

interface FilterTextProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly placeholder?: string;
  readonly onChange: (value: string | undefined) => void;
}

/** Free text of a filter bar; told 250 ms after the last key. */
export function FilterText({ label, value = "", placeholder, onChange }: FilterTextProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  useEffect(() => {
    if (text === value) return;
    const timer = setTimeout(() => onChange(text.trim() || undefined), 250);
    return () => clearTimeout(timer);
  }, [text, value, onChange]);
  return <TextInput label={label} value={text} placeholder={placeholder} onChange={(event) => setText(event.currentTarget.value)} />;
}
