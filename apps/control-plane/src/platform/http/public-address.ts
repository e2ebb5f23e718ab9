import { Inject, Injectable } from "@nestjs/common";
import { CONFIG, type Config } from "../config.js";

/** The address people and runners reach the platform by, without a final slash. */
@Injectable()
export class PublicAddress {
  private listening: string | null = null;

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, "http">) {}

  /** ZIGGURAT_PUBLIC_URL, else the address this process listens on, else (worker role alone) the configured port. */
  get url(): string {
    const { host, port, publicUrl } = this.config.http;
    return publicUrl ?? this.listening ?? `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
  }

  /** Told once by the start, when the port is known. */
  listensOn(url: string): void {
    this.listening = url;
  }
}
