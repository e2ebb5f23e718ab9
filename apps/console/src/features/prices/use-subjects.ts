import { Cluster, paths } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { usePages } from "../../ui/use-pages.js";

export const STORAGE = "storage";
const CLUSTER = "cluster:";

interface Subjects {
  readonly choices: readonly { readonly value: string; readonly label: string }[];
  readonly nameOf: (subject: string) => string;
  readonly error: unknown;
}

/** What can have a price: storage and every cluster. @param chosen stays among the choices when its cluster is no longer there */
export function useSubjects(chosen?: string): Subjects {
  const { t } = useTranslation("prices");
  const { data, error } = usePages({ path: paths.clusters(), item: Cluster, limit: null });
  const nameOf = (subject: string) =>
    subject === STORAGE ? t("subject.storage") : t("subject.cluster", { name: subject.slice(CLUSTER.length) });
  const subjects = new Set([STORAGE, ...(data ?? []).map(({ name }) => `${CLUSTER}${name}`), ...(chosen === undefined ? [] : [chosen])]);
  return { choices: [...subjects].map((value) => ({ value, label: nameOf(value) })), nameOf, error };
}
