import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Garbage, GarbageCollection, paths } from "@ziggurat/contracts";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../../lib/api-client.js";
import { polling } from "../../lib/query-client.js";
import { useFormats } from "../../lib/use-formats.js";
import { DataTable } from "../../ui/data-table.js";
import { ListFaces } from "../../ui/list-faces.js";
import { ObjectPart } from "../../ui/object-faces.js";
import { TableFoot } from "../../ui/table-foot.js";
import { Time } from "../../ui/time.js";
import { usePages } from "../../ui/use-pages.js";
import { CollectDialog } from "./collect-dialog.js";

/** What lies in the store and nothing needs any more, and what became of having it collected. */
export function GarbagePanel() {
  const { t } = useTranslation("retention");
  const formats = useFormats();
  const [chosen, setChosen] = useState<Garbage | null>(null);
  const read = useQuery({
    queryKey: [paths.garbage()],
    queryFn: ({ signal }) => api.get(paths.garbage(), Garbage, { signal }),
    ...polling,
  });
  const collections = usePages({ path: paths.garbageCollections(), item: GarbageCollection });
  return (
    <section className="zg-stack" aria-label={t("garbage.title")}>
      <h2>{t("garbage.title")}</h2>
      {chosen !== null && <CollectDialog garbage={chosen} onClose={() => setChosen(null)} />}
      <ObjectPart read={read}>
        {(garbage) => (
          <>
            <ul>
              {(["blobs", "uploads", "strays"] as const).map((kind) => (
                <li key={kind}>
                  {t(`garbage.amount.${kind}`, {
                    count: garbage[kind].count,
                    files: formats.number(garbage[kind].count),
                    size: formats.bytes(garbage[kind].bytes),
                  })}
                </li>
              ))}
            </ul>
            <p className="zg-quiet">{t("garbage.grace", { count: garbage.graceHours })}</p>
            <div>
              <Button
                variant="default"
                disabled={garbage.openCollection !== null || total(garbage) === 0}
                onClick={() => setChosen(garbage)}
              >
                {t("garbage.open")}
              </Button>
            </div>
          </>
        )}
      </ObjectPart>
      <ListFaces read={collections} empty={t("garbage.empty")}>
        {(rows) => (
          <>
            <DataTable<GarbageCollection>
              label={t("garbage.collections")}
              rows={rows}
              rowKey={(row) => row.id}
              columns={[
                { id: "at", header: t("cleanUps.at"), nowrap: true, cell: (row) => <Time at={row.createdAt} /> },
                {
                  id: "state",
                  header: t("cleanUps.state"),
                  cell: (row) => t(`cleanUps.stateWord.${row.state === "done" ? "done" : "executing"}`),
                },
                {
                  id: "removed",
                  header: t("garbage.removed"),
                  align: "end",
                  cell: (row) => t("cleanUps.of", { done: formats.number(row.removed.count), all: formats.number(row.expected.count) }),
                },
                {
                  id: "size",
                  header: t("cleanUps.size"),
                  align: "end",
                  cell: (row) => formats.bytes(row.removed.bytes + row.uploads.bytes + row.strays.bytes),
                },
                { id: "back", header: t("garbage.cameBack"), align: "end", cell: (row) => formats.number(row.cameBack) },
                { id: "by", header: t("cleanUps.by"), cell: (row) => <bdi>{row.requestedBy}</bdi> },
                {
                  id: "reason",
                  header: t("rule.reason"),
                  cell: (row) => (
                    <span className="zg-break" dir="auto">
                      {row.reason}
                    </span>
                  ),
                },
              ]}
            />
            <TableFoot shown={rows.length} {...collections} />
          </>
        )}
      </ListFaces>
    </section>
  );
}

const total = ({ blobs, uploads, strays }: Garbage): number => blobs.count + uploads.count + strays.count;
