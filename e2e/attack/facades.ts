import { send } from "./send.js";

/** Doors of other protocols that are planned. None is open yet; the first that is must be attacked like the native API. */
const doors = [
  "/v1/files",
  "/v1/fine_tuning/jobs",
  "/v1/models",
  "/api/2.0/mlflow/runs/search",
  "/api/2.0/mlflow/registered-models/search",
  "/hf/api/models",
];

/** Facades that answer and that no document describes. */
export async function openFacades(url: string): Promise<string[]> {
  const gaps: string[] = [];
  for (const path of doors) {
    // A door that only reads refuses the method; one that is not there says that nothing is.
    const { status } = await send(url, { method: "POST", path, headers: { "content-type": "application/json" }, body: "{}" }, null);
    if (status !== 404) gaps.push(`GAP ${path} answers ${status}: a facade has appeared; give the suite its routes`);
  }
  return gaps;
}
