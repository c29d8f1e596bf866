// Passkeys: a form with data-passkey="make" or "show" is filled with what the browser's
// authenticator answers, and sent. Without this script the forms stay hidden.

const bytes = (text) => Uint8Array.from(
  atob(text.replaceAll("-", "+").replaceAll("_", "/")), (sign) => sign.charCodeAt(0));

const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
  .replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

async function ask(path, form) {
  const answer = await fetch(path, {
    method: "POST", body: new URLSearchParams({ csrf: form.elements.csrf?.value ?? "" }),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  const options = await answer.json();
  options.challenge = bytes(options.challenge);
  for (const each of [...options.excludeCredentials ?? [], ...options.allowCredentials ?? []]) {
    each.id = bytes(each.id);
  }
  return options;
}

async function make(form) {
  const options = await ask("/admin/account/passkeys/options", form);
  options.user.id = bytes(options.user.id);
  const made = await navigator.credentials.create({ publicKey: options });
  return {
    id: made.id, rawId: text(made.rawId), type: made.type,
    response: {
      clientDataJSON: text(made.response.clientDataJSON),
      attestationObject: text(made.response.attestationObject),
    },
  };
}

async function show(form) {
  const options = await ask("/admin/challenge", form);
  const shown = await navigator.credentials.get({ publicKey: options });
  return {
    id: shown.id, rawId: text(shown.rawId), type: shown.type,
    response: {
      clientDataJSON: text(shown.response.clientDataJSON),
      authenticatorData: text(shown.response.authenticatorData),
      signature: text(shown.response.signature),
      userHandle: shown.response.userHandle ? text(shown.response.userHandle) : null,
    },
  };
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential) continue;
  const field = form.querySelector("[data-answer]");
  const failed = form.querySelector("[data-failed]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      const answer = await (form.dataset.passkey === "make" ? make(form) : show(form));
      field.value = JSON.stringify(answer);
      form.submit();
    } catch (error) {
      failed.hidden = false;
    }
  });
}
