import { Checkbox } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { type Institution, type Member, paths } from "@ziggurat/contracts";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { DangerDialog } from "../../ui/danger-dialog.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { cancelWork, readWork, type WorkQuery } from "./running-work.js";
import { WorkName, WorkState } from "./work-name.js";

interface RemoveMemberDialogProps {
  readonly institution: Pick<Institution, "slug" | "name">;
  readonly member: Pick<Member, "id" | "name" | "email">;
  /** After the member is gone. */
  readonly onDone: () => Promise<unknown>;
  readonly onClose: () => void;
}

/** Takes a person out of the institution, after what still runs in their name was read: it goes on, or is cancelled with them. */
export function RemoveMemberDialog({ institution, member, onDone, onClose }: RemoveMemberDialogProps) {
  const { t } = useTranslation("institutions");
  const query: WorkQuery = { institution: institution.slug, "filter[user]": member.id };
  const [cancels, setCancels] = useState(false);
  const isGone = useRef(false);
  const read = useQuery({ queryKey: [paths.runningWork(), query], queryFn: ({ signal }) => readWork(query, signal) });
  const remove = useMutation({
    mutationFn: async () => {
      if (!isGone.current) await api.sendOnly("DELETE", paths.member(institution.slug, member.id));
      isGone.current = true;
      if (!cancels) return;
      // Read anew: from here on nothing more begins in their name.
      for (const work of await readWork(query)) if (work.cancel.allowed) await cancelWork(work);
    },
    onSettled: async (_, error) => {
      if (isGone.current) await onDone();
      if (error === null) onClose();
    },
  });
  const mayCancel = read.data?.some(({ cancel }) => cancel.allowed) === true;
  return (
    <DangerDialog
      title={t("members.remove")}
      effect={
        <div className="zg-stack">
          <p>{t("members.removeEffect", { name: member.name, institution: institution.name })}</p>
          <ObjectPart read={read}>
            {(works) =>
              works.length === 0 ? (
                <p>{t("work.nothing", { name: member.name })}</p>
              ) : (
                <>
                  <p>{t("work.goesOn", { count: works.length, name: member.name, institution: institution.name })}</p>
                  <ul className="zg-plain zg-work">
                    {works.map((work) => (
                      <li key={work.id}>
                        <WorkName work={work} /> <WorkState work={work} />
                      </li>
                    ))}
                  </ul>
                  {mayCancel ? (
                    <Checkbox label={t("work.cancelAll")} checked={cancels} onChange={(event) => setCancels(event.currentTarget.checked)} />
                  ) : (
                    <p className="zg-quiet">{works[0]?.cancel.reason}</p>
                  )}
                </>
              )
            }
          </ObjectPart>
        </div>
      }
      name={member.email}
      confirm={t("members.remove")}
      isReady={read.data !== undefined}
      isBusy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
