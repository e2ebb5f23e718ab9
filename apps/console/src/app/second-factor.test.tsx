import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { paths } from "@ziggurat/contracts";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { aMe } from "../test/builders.js";
import { renderRoute } from "../test/render-route.js";
import { page, problem, server } from "../test/server.js";

const wrong = { code: "code_wrong", detail: "the code is wrong, or was used already", pointer: "/code" };

it("asks for a code when the password was right, keeps what was typed, and says when the code was not", async () => {
  const sent: unknown[] = [];
  const answers = [problem("second_factor_required"), problem("second_factor_required", [wrong])];
  server.use(
    http.get(paths.me(), () => problem("unauthenticated")),
    http.post(paths.login(), async ({ request }) => {
      sent.push(await request.json());
      return answers.shift() ?? HttpResponse.json({ csrfToken: "x" });
    }),
  );
  renderRoute("/login");
  await userEvent.type(await screen.findByLabelText("Email"), "nora@northbank.example");
  await userEvent.type(screen.getByLabelText("Password"), "several words of no fame");
  expect(screen.queryByLabelText(/Code of your authenticator/)).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
  const code = await screen.findByLabelText(/Code of your authenticator/);
  expect(screen.queryByRole("alert")).toBeNull();
  await userEvent.type(code, "000000");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
  expect((await screen.findByRole("alert")).textContent).toContain("used already");
  expect(code).toHaveProperty("value", "");
  await userEvent.type(code, "123456");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
  const who = { email: "nora@northbank.example", password: "several words of no fame" };
  await waitFor(() => expect(sent).toEqual([who, { ...who, code: "000000" }, { ...who, code: "123456" }]));
});

it("is turned on with password, secret and a first code, and shows the recovery codes this once", async () => {
  const sent: unknown[] = [];
  let isOn = false;
  server.use(
    http.get(paths.me(), () => HttpResponse.json(aMe())),
    http.get(paths.tokens(), () => page([])),
    http.get(paths.passkeys(), () => HttpResponse.json({ data: [], host: "localhost" })),
    http.get(paths.secondFactor(), () =>
      HttpResponse.json({ isOn, since: isOn ? "2026-11-24T12:00:00.000Z" : null, recoveryCodes: isOn ? 2 : 0 }),
    ),
    http.post(paths.secondFactor(), async ({ request }) => {
      sent.push(await request.json());
      return HttpResponse.json({ secret: "JBSWY3DPEHPK3PXP", uri: "otpauth://totp/Ziggurat:a?secret=JBSWY3DPEHPK3PXP" }, { status: 201 });
    }),
    http.post(paths.secondFactorAct("confirm"), async ({ request }) => {
      sent.push(await request.json());
      isOn = true;
      return HttpResponse.json({ recoveryCodes: ["abcde-fghjk", "mnpqr-stuvw"] });
    }),
    http.post(paths.secondFactorAct("end"), async ({ request }) => {
      sent.push(await request.json());
      isOn = false;
      return new HttpResponse(null, { status: 204 });
    }),
  );
  renderRoute("/settings");
  await userEvent.click(await screen.findByRole("button", { name: "Turn on the second factor" }));
  const dialog = () => within(screen.getByRole("dialog"));
  await userEvent.type(dialog().getByLabelText("Current password"), "secret words");
  await userEvent.click(dialog().getByRole("button", { name: "Next" }));
  expect(await dialog().findByRole("img", { name: "QR code of the secret" })).toBeTruthy();
  expect(dialog().getByText("JBSWY3DPEHPK3PXP")).toBeTruthy();
  const on = dialog().getByRole("button", { name: "Turn on" });
  await userEvent.type(dialog().getByLabelText("Code"), "12345");
  expect(on).toHaveProperty("disabled", true);
  await userEvent.type(dialog().getByLabelText("Code"), "6");
  await userEvent.click(on);
  expect((await dialog().findAllByRole("listitem")).map((item) => item.textContent)).toEqual(["abcde-fghjk", "mnpqr-stuvw"]);
  await userEvent.click(dialog().getByRole("button", { name: "Done" }));
  expect(await screen.findByText("2 recovery codes left")).toBeTruthy();
  expect(screen.queryByText("abcde-fghjk")).toBeNull();

  await userEvent.click(screen.getByRole("button", { name: "Turn off the second factor" }));
  await userEvent.type(dialog().getByLabelText("Current password"), "secret words");
  await userEvent.type(dialog().getByLabelText("Code or recovery code"), "abcde-fghjk");
  await userEvent.click(dialog().getByRole("button", { name: "Turn off the second factor" }));
  expect(await screen.findByRole("button", { name: "Turn on the second factor" })).toBeTruthy();
  expect(sent).toEqual([{ currentPassword: "secret words" }, { code: "123456" }, { currentPassword: "secret words", code: "abcde-fghjk" }]);
});
