import { useQuery } from "@tanstack/react-query";
import { paths, type Version, VersionFile } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { z } from "zod";
import { api } from "../../lib/api-client.js";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { DataTable } from "../../ui/data-table.js";
import { Digest } from "../../ui/digest.js";
import { ListFaces } from "../../ui/list-faces.js";
import { filesIn } from "./files-in.js";
import { VersionIntegrity } from "./version-integrity.js";

/** The files of a version, each by its digest, to download. */
export function VersionFiles({ version }: { readonly version: Version }) {
  const { t } = useTranslation("models");
  const words = useWords();
  const formats = useFormats();
  const read = useQuery({
    queryKey: [paths.versionFiles(version.ref)],
    queryFn: async ({ signal }) => filesIn(await api.get(paths.versionFiles(version.ref), z.unknown(), { signal })),
  });
  return (
    <div className="zg-stack">
      {version.state !== "draft" && <VersionIntegrity version={version} />}
      <ListFaces read={read} empty={t("files.empty")}>
        {(rows) => (
          <DataTable<VersionFile>
            label={t("tab.files")}
            rows={rows}
            rowKey={(file) => file.path}
            columns={[
              {
                id: "path",
                header: t("files.path"),
                cell: (file) => (
                  <a href={paths.versionFile(version.ref, file.path)} download className="zg-clip" title={file.path}>
                    <bdi>{file.path}</bdi>
                  </a>
                ),
              },
              { id: "kind", header: t("files.kind"), nowrap: true, cell: (file) => words.t(`fileKind.${file.kind}`) },
              { id: "size", header: t("column.size"), align: "end", nowrap: true, cell: (file) => formats.bytes(file.sizeBytes) },
              { id: "digest", header: t("column.digest"), nowrap: true, cell: (file) => <Digest value={file.sha256} /> },
            ]}
          />
        )}
      </ListFaces>
    </div>
  );
}
