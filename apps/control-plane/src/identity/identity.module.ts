import { Module } from "@nestjs/common";
import { APP_GUARD } from "@nestjs/core";
import { AccessGuard } from "./access.guard.js";
import { Authentication } from "./authentication.js";
import { DevicesController } from "./devices/devices.controller.js";
import { DevicesRepository } from "./devices/devices.repository.js";
import { Devices } from "./devices/devices.service.js";
import { FirstAdmin } from "./first-admin.js";
import { LoginBackoff } from "./login-backoff.service.js";
import { LoginBackoffLoop } from "./login-backoff-loop.js";
import { PasskeyCookie } from "./passkey-cookie.js";
import { PasskeysController } from "./passkeys.controller.js";
import { PasskeysRepository } from "./passkeys.repository.js";
import { Passkeys } from "./passkeys.service.js";
import { SecondFactorsController } from "./second-factors.controller.js";
import { SecondFactorsRepository } from "./second-factors.repository.js";
import { SecondFactors } from "./second-factors.service.js";
import { SessionController } from "./session.controller.js";
import { SessionCookie } from "./session-cookie.js";
import { SessionFamilies } from "./session-families.service.js";
import { SessionsRepository } from "./sessions.repository.js";
import { SignInService } from "./sign-in.service.js";
import { SignInStreaksRepository } from "./sign-in-streaks.repository.js";
import { TokensController } from "./tokens.controller.js";
import { TokensRepository } from "./tokens.repository.js";
import { TokensService } from "./tokens.service.js";
import { UsersRepository } from "./users.repository.js";

@Module({
  controllers: [DevicesController, SessionController, SecondFactorsController, PasskeysController, TokensController],
  providers: [
    { provide: APP_GUARD, useClass: AccessGuard },
    Authentication,
    Devices,
    DevicesRepository,
    FirstAdmin,
    LoginBackoff,
    LoginBackoffLoop,
    PasskeyCookie,
    Passkeys,
    PasskeysRepository,
    SecondFactors,
    SecondFactorsRepository,
    SessionCookie,
    SessionFamilies,
    SessionsRepository,
    SignInService,
    SignInStreaksRepository,
    TokensRepository,
    TokensService,
    UsersRepository,
  ],
  exports: [
    Authentication,
    LoginBackoff,
    SecondFactors,
    SessionCookie,
    SessionFamilies,
    SessionsRepository,
    SignInService,
    UsersRepository,
  ],
})
export class IdentityModule {}
