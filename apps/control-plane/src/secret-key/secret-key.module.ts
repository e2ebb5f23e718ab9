import { Module } from "@nestjs/common";
import { KeyRotation } from "./key-rotation.service.js";
import { KeyRotationLoop } from "./key-rotation-loop.js";
import { SealedTexts } from "./sealed-texts.repository.js";
import { SecretKeyController } from "./secret-key.controller.js";

@Module({ controllers: [SecretKeyController], providers: [KeyRotation, KeyRotationLoop, SealedTexts] })
export class SecretKeyModule {}
