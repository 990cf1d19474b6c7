// What people prove with: the browser's own virtual authenticator for passkeys, and an authenticator app's codes.

import { createHmac } from "node:crypto";

/** A device that holds passkeys and knows its owner, in this page's browser. */
export async function authenticator(page, options = {}) {
  const browser = await page.context().newCDPSession(page);
  await browser.send("WebAuthn.enable");
  const { authenticatorId } = await browser.send("WebAuthn.addVirtualAuthenticator", {
    options: {
      protocol: "ctap2",
      transport: "internal",
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
      ...options,
    },
  });
  return {
    credentials: async () => (await browser.send("WebAuthn.getCredentials", { authenticatorId })).credentials,
    /** Puts this one in the place of all. */
    replace: async (credential) => {
      await browser.send("WebAuthn.clearCredentials", { authenticatorId });
      await browser.send("WebAuthn.addCredential", { authenticatorId, credential });
    },
  };
}

/** The code that an app with this key (base32) shows now (RFC 6238). */
export function codeOf(secret) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const hash = createHmac("sha1", key).update(step).digest();
  const at = hash.at(-1) & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
