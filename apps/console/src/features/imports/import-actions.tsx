import { Button } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Import, type ImportAction, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { shortId } from "../../lib/format.js";
import { DangerDialog } from "../../ui/danger-dialog.js";
import { ProblemPanel } from "../../ui/problem-panel.js";

/** The actions the API offers this viewer. */
export function ImportActions({ found }: { readonly found: Import }) {
  const { t } = useTranslation("imports");
  const queryClient = useQueryClient();
  const [isCancelling, setCancelling] = useState(false);
  const act = useMutation({
    mutationFn: (action: ImportAction) => api.send("POST", paths.importAction(found.id, action), {}, Import),
    onSuccess: async (moved) => {
      setCancelling(false);
      queryClient.setQueryData([paths.import(found.id)], moved);
      await queryClient.invalidateQueries({ queryKey: [paths.imports()] });
    },
  });
  const isOpen = (action: ImportAction) => found.moves.some((move) => move.action === action && move.allowed);
  return (
    <>
      {isOpen("retry") && (
        <Button loading={act.isPending && act.variables === "retry"} onClick={() => act.mutate("retry")}>
          {t("action.retry")}
        </Button>
      )}
      {isOpen("cancel") && (
        <Button variant="default" data-danger onClick={() => setCancelling(true)}>
          {t("action.cancel")}
        </Button>
      )}
      {act.error && !isCancelling ? <ProblemPanel error={act.error} /> : null}
      {isCancelling && (
        <DangerDialog
          title={t("action.cancel")}
          effect={<p>{t("effect.cancel")}</p>}
          name={shortId(found.id)}
          confirm={t("action.cancel")}
          isBusy={act.isPending}
          error={act.error}
          onConfirm={() => act.mutate("cancel")}
          onClose={() => {
            setCancelling(false);
            act.reset();
          }}
        />
      )}
    </>
  );
}
