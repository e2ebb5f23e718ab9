import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { Violation } from "@ziggurat/contracts";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { violationsOf } from "../lib/api-problem.js";
import { DangerDialog } from "./danger-dialog.js";
import { Dialog } from "./dialog.js";
import { ProblemPanel } from "./problem-panel.js";

interface Removal {
  readonly label: string;
  readonly effect: string;
  /** The name that must be typed. */
  readonly name: string;
  /** Why it cannot be removed now; null where it can. */
  readonly closed: string | null;
  readonly remove: () => Promise<unknown>;
}
interface EditDialogProps<V> {
  readonly title: string;
  /** Checked by the contract's own schema: `useContractForm`. */
  readonly form: { readonly onSubmit: (handle: (values: V) => void) => (event?: FormEvent<HTMLFormElement>) => void };
  readonly refuse: (violations: readonly Violation[]) => unknown;
  readonly save: (values: V) => Promise<unknown>;
  /** Paths of the lists that show the thing. */
  readonly stale: readonly string[];
  /** Left out for a thing that is only being made. */
  readonly removal?: Removal;
  readonly children: ReactNode;
  readonly onClose: () => void;
}

/** Makes or changes a thing by a form, or takes it away once its name was typed; refusals stand at their fields. */
export function EditDialog<V>({ title, form, refuse, save, stale, removal, children, onClose }: EditDialogProps<V>) {
  const { t } = useTranslation();
  const queryClient = useQueryClient();
  const [isRemoving, setRemoving] = useState(false);
  const onSuccess = async () => {
    await Promise.all(stale.map((path) => queryClient.invalidateQueries({ queryKey: [path] })));
    onClose();
  };
  const saving = useMutation({ mutationFn: save, onSuccess, onError: (error) => refuse(violationsOf(error)) });
  const removing = useMutation({ mutationFn: () => removal?.remove() ?? Promise.resolve(), onSuccess });
  if (isRemoving && removal !== undefined) {
    return (
      <DangerDialog
        title={removal.label}
        effect={removal.effect}
        name={removal.name}
        confirm={removal.label}
        isBusy={removing.isPending}
        error={removing.error}
        onConfirm={() => removing.mutate()}
        onClose={onClose}
      />
    );
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <form className="zg-stack" onSubmit={form.onSubmit((values) => !saving.isPending && saving.mutate(values))}>
        {children}
        {saving.error ? <ProblemPanel error={saving.error} /> : null}
        <div className="zg-spread">
          <span className="zg-row">
            <Button type="submit" loading={saving.isPending}>
              {t("save")}
            </Button>
            <Button variant="default" onClick={onClose}>
              {t("cancel")}
            </Button>
          </span>
          {removal !== undefined && (
            <Button variant="default" data-danger disabled={removal.closed !== null} onClick={() => setRemoving(true)}>
              {removal.label}
            </Button>
          )}
        </div>
        {removal?.closed && <p className="zg-quiet zg-small">{removal.closed}</p>}
      </form>
    </Dialog>
  );
}
