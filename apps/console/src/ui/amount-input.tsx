import { NumberInput } from "@mantine/core";
import { type ReactNode, useState } from "react";

interface AmountInputProps {
  readonly label: string;
  readonly description?: string;
  readonly placeholder?: string;
  /** Whole small units, such as cents; null where nothing that counts is typed. */
  readonly value: number | null;
  /** Small units in the one that is typed: 100 where cents are typed as euros. */
  readonly unit?: number;
  readonly min?: number;
  readonly max?: number;
  readonly required?: boolean;
  readonly disabled?: boolean;
  readonly error?: ReactNode;
  readonly isFirst?: boolean;
  readonly onChange: (value: number | null) => void;
}

/** An amount in the unit that people use for it. What is half typed (`1.`) stays as it is while it is typed on. */
export function AmountInput({ value, unit = 1, isFirst = false, onChange, ...rest }: AmountInputProps) {
  const [typed, setTyped] = useState<number | string>(shownOf(value, unit));
  const shown = amountOf(typed, unit) === value ? typed : shownOf(value, unit);
  return (
    <NumberInput
      {...rest}
      allowDecimal={unit > 1}
      decimalScale={Math.round(Math.log10(unit))}
      allowNegative={false}
      value={shown}
      data-autofocus={isFirst || undefined}
      onChange={(next) => {
        setTyped(next);
        onChange(amountOf(next, unit));
      }}
    />
  );
}

const shownOf = (value: number | null, unit: number): number | string => (value === null ? "" : value / unit);

function amountOf(typed: number | string, unit: number): number | null {
  const number = typed === "" ? Number.NaN : Number(typed);
  return Number.isFinite(number) ? Math.round(number * unit) : null;
}
