import { Controller, Get, Header } from "@nestjs/common";
import { ApiExcludeController } from "@nestjs/swagger";
import { PROBLEMS } from "@ziggurat/contracts";
import { Public } from "../http/access.js";
import { OpenApi } from "./openapi.js";

@Public()
@ApiExcludeController()
@Controller()
export class OpenApiController {
  constructor(private readonly openApi: OpenApi) {}

  @Get("openapi.json")
  document(): object {
    return this.openApi.document();
  }

  @Get("openapi.yaml")
  @Header("content-type", "application/yaml; charset=utf-8")
  yaml(): string {
    return this.openApi.yaml();
  }

  /** Where the `type` of every problem leads. */
  @Get("docs/errors")
  @Header("content-type", "text/html; charset=utf-8")
  errors(): string {
    const rows = Object.entries(PROBLEMS).map(
      ([code, { status, title }]) => `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${title}</td></tr>`,
    );
    return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Ziggurat: errors</title><h1>Errors</h1>
<table><tr><th>code</th><th>status</th><th>meaning</th></tr>${rows.join("")}</table></html>`;
  }
}
