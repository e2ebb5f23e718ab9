import { Button, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "./dialog.js";
import { ProblemPanel } from "./problem-panel.js";

interface DangerDialogProps {
  readonly title: string;
  /** What will happen, in words or figures. */
  readonly effect: ReactNode;
  /** The name that must be typed. */
  readonly name: string;
  readonly confirm: string;
  /** False when the effect says that it cannot be done: then nothing is asked for. */
  readonly isPossible?: boolean;
  /** Whether the effect is known and all that was asked is filled in; left out where nothing is asked. */
  readonly isReady?: boolean;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
}

/** Shows the effect of an action that cannot be undone and asks for the object's name. */
export function DangerDialog(props: DangerDialogProps) {
  const { title, effect, name, confirm, isPossible = true, isReady = true, isBusy, error, onConfirm, onClose } = props;
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="zg-stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isPossible && typed === name && isReady && !isBusy) onConfirm();
        }}
      >
        <div className="zg-break">{effect}</div>
        {isPossible && (
          <TextInput
            label={t("typeName", { name })}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
            autoComplete="off"
            data-autofocus
          />
        )}
        {error ? <ProblemPanel error={error} /> : null}
        <div className="zg-row">
          {isPossible && (
            <Button type="submit" data-danger disabled={typed !== name || !isReady} loading={isBusy}>
              {confirm}
            </Button>
          )}
          <Button variant="default" onClick={onClose}>
            {t(isPossible ? "keep" : "close")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
