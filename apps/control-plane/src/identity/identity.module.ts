import { Module } from "@nestjs/common";
import { APP_GUARD } from "@nestjs/core";
import { AccessGuard } from "./access.guard.js";
import { Authentication } from "./authentication.js";
import { FirstAdmin } from "./first-admin.js";
import { SecondFactorsController } from "./second-factors.controller.js";
import { SecondFactorsRepository } from "./second-factors.repository.js";
import { SecondFactors } from "./second-factors.service.js";
import { SessionController } from "./session.controller.js";
import { SessionCookie } from "./session-cookie.js";
import { SessionFamilies } from "./session-families.service.js";
import { SessionsRepository } from "./sessions.repository.js";
import { SignInService } from "./sign-in.service.js";
import { TokensController } from "./tokens.controller.js";
import { TokensRepository } from "./tokens.repository.js";
import { TokensService } from "./tokens.service.js";
import { UsersRepository } from "./users.repository.js";

@Module({
  controllers: [SessionController, SecondFactorsController, TokensController],
  providers: [
    { provide: APP_GUARD, useClass: AccessGuard },
    Authentication,
    FirstAdmin,
    SecondFactors,
    SecondFactorsRepository,
    SessionCookie,
    SessionFamilies,
    SessionsRepository,
    SignInService,
    TokensRepository,
    TokensService,
    UsersRepository,
  ],
  exports: [Authentication, SecondFactors, SessionFamilies, UsersRepository],
})
export class IdentityModule {}
