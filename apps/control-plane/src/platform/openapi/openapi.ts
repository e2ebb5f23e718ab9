import { type INestApplication, Injectable } from "@nestjs/common";
import { DocumentBuilder, SwaggerModule } from "@nestjs/swagger";
import { stringify } from "yaml";
import { z } from "zod";
import { version } from "../version.js";
import { completeDocument } from "./complete-document.js";

/** The description of the native API, generated from the routes and the contracts' schemas the first time it is asked for. */
@Injectable()
export class OpenApi {
  private app: INestApplication | null = null;
  private built: object | null = null;
  private written: string | null = null;

  /** Told once by the start. */
  describes(app: INestApplication): void {
    this.app = app;
  }

  document(): object {
    if (this.app === null) throw new Error("Nothing to describe: the HTTP role is not running.");
    this.built ??= build(this.app);
    return this.built;
  }

  /** The same as YAML. */
  yaml(): string {
    this.written ??= stringify(this.document(), { aliasDuplicateObjects: false });
    return this.written;
  }
}

function build(app: INestApplication): object {
  const config = new DocumentBuilder()
    .setOpenAPIVersion("3.1.0")
    .setTitle("Ziggurat")
    .setDescription("The model pyramid of finance: foundation, finance and institution models, one lineage.")
    .setVersion(version)
    .addBearerAuth({ type: "http", scheme: "bearer", description: "A personal token, zig_…" }, "token")
    .addCookieAuth("zig_session", { type: "apiKey", in: "cookie", description: "Unsafe calls also need X-CSRF-Token" }, "session")
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => operationId(controller, method),
    standardSchemaConverter: (schema, { schemaType }) => {
      if (!(schema instanceof z.ZodType)) throw new Error("Schemas on routes are zod schemas.");
      const {
        $defs = {},
        $schema: _,
        ...rest
      } = z.toJSONSchema(schema, { target: "draft-2020-12", io: schemaType, unrepresentable: "any" });
      return { schema: rest, components: $defs };
    },
  });
  return completeDocument(document);
}

/** `modelsList` from `ModelsController.list`: one per operation and stable, because code generators name functions after it. */
function operationId(controller: string, method: string): string {
  const resource = controller.replace(/Controller$/, "");
  return `${resource.charAt(0).toLowerCase()}${resource.slice(1)}${method.charAt(0).toUpperCase()}${method.slice(1)}`;
}
