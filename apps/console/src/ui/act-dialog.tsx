import { Button } from "@mantine/core";
import type { FormEvent, ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Dialog } from "./dialog.js";
import { ProblemPanel } from "./problem-panel.js";

interface ActDialogProps {
  readonly title: string;
  readonly confirm: string;
  /** Whether all that is asked is filled in. */
  readonly isReady?: boolean;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly isDangerous?: boolean;
  /** What the act does, and what it asks for. */
  readonly children: ReactNode;
  /** Called once for an act, and not while one is under way. */
  readonly onSubmit: (event: FormEvent<HTMLFormElement>) => void;
  readonly onClose: () => void;
}

/** Asks for what an act needs; the act and the way out stand at its foot. */
export function ActDialog(props: ActDialogProps) {
  const { title, confirm, isReady = true, isBusy, error, isDangerous = false, children, onSubmit, onClose } = props;
  const { t } = useTranslation();
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="zg-stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady && !isBusy) onSubmit(event);
        }}
      >
        {children}
        {error ? <ProblemPanel error={error} /> : null}
        <div className="zg-row">
          <Button type="submit" data-danger={isDangerous || undefined} loading={isBusy} disabled={!isReady}>
            {confirm}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t("cancel")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
