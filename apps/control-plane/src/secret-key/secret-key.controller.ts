import { Controller, Get } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { SecretKeyState } from "@ziggurat/contracts";
import { RequireScope } from "../platform/http/access.js";
import { KeyRotation } from "./key-rotation.service.js";

@ApiTags("operation")
@Controller("api/v1/secret-key")
export class SecretKeyController {
  constructor(private readonly rotation: KeyRotation) {}

  /** How far a change of the operator's secret key has come. */
  @Get()
  @RequireScope("admin")
  @ApiResponse({ status: 200, standardSchema: SecretKeyState })
  get(): Promise<SecretKeyState> {
    return this.rotation.state();
  }
}
