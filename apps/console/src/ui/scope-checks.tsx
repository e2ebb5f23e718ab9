import { Checkbox } from "@mantine/core";
import { SCOPES, type Scope } from "@ziggurat/contracts";
import type { ReactNode } from "react";

interface ScopeChecksProps {
  readonly label: string;
  readonly offered: readonly Scope[];
  readonly value: readonly Scope[];
  readonly error?: ReactNode;
  readonly onChange: (scopes: Scope[]) => void;
}

/** Scopes to choose among, in the order of the vocabulary. */
export function ScopeChecks({ label, offered, value, error, onChange }: ScopeChecksProps) {
  return (
    <Checkbox.Group
      label={label}
      value={[...value]}
      error={error}
      onChange={(chosen) => onChange(SCOPES.filter((scope) => chosen.includes(scope)))}
    >
      <div className="zg-scope-grid">
        {SCOPES.filter((scope) => offered.includes(scope)).map((scope) => (
          <Checkbox key={scope} value={scope} label={<code>{scope}</code>} />
        ))}
      </div>
    </Checkbox.Group>
  );
}
