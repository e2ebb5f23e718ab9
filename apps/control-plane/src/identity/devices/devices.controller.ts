import { Body, Controller, HttpCode, Post, Req } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import { AskDevice, CreatedToken, DecideDevice, DeviceCodes, DeviceRequest, FindDevice, RequestDevice } from "@ziggurat/contracts";
import type { FastifyRequest } from "fastify";
import type { Viewer } from "../../platform/database/viewer.js";
import { Public, SignedIn } from "../../platform/http/access.js";
import { AnsweredOnce } from "../../platform/http/answered-once.js";
import { type Credential, CurrentCredential, CurrentViewer } from "../../platform/http/current-viewer.js";
import { Devices } from "./devices.service.js";

/** The command line's side asks without a session; the person's side is theirs alone. Codes travel in bodies, which nobody logs. */
@ApiTags("session")
@Controller("api/v1/device-authorizations")
export class DevicesController {
  constructor(private readonly devices: Devices) {}

  @Public()
  @Post()
  @ApiResponse({ status: 201, standardSchema: DeviceCodes })
  request(@Body({ schema: RequestDevice }) body: RequestDevice, @Req() { ip }: FastifyRequest): Promise<DeviceCodes> {
    return this.devices.request(body, ip);
  }

  @Public()
  @Post("token")
  @ApiResponse({ status: 201, standardSchema: CreatedToken })
  ask(@Body({ schema: AskDevice }) { deviceCode }: AskDevice): Promise<CreatedToken> {
    return this.devices.ask(deviceCode);
  }

  @SignedIn()
  @Post("request")
  @HttpCode(200)
  @AnsweredOnce()
  @ApiResponse({ status: 200, standardSchema: DeviceRequest })
  find(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Body({ schema: FindDevice }) { userCode }: FindDevice,
  ): Promise<DeviceRequest> {
    return this.devices.find(viewer, credential, userCode);
  }

  @SignedIn()
  @Post("decision")
  @HttpCode(204)
  decide(
    @CurrentViewer() viewer: Viewer,
    @CurrentCredential() credential: Credential,
    @Body({ schema: DecideDevice }) body: DecideDevice,
  ): Promise<void> {
    return this.devices.decide(viewer, credential, body);
  }
}
