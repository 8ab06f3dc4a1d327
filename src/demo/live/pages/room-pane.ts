import { html, type SafeHtml } from "@remix-run/html-template";
import type { RoomName, View } from "../view.ts";
import { conversation, writeForm } from "./pane.ts";

type Room = { name: RoomName; title: string; placeholder: string; suggestions: readonly string[] };

const ROOMS: readonly Room[] = [
  {
    name: "group",
    title: "Group",
    placeholder: "@globobot …",
    suggestions: ["@globobot hi, what is the balance for acct200"],
  },
  { name: "direct", title: "1:1", placeholder: "Write …", suggestions: ["acct100"] },
];

/** Ana's rooms with globobot: one at a time, chosen without a script. */
export function roomPane({ rooms }: View): SafeHtml {
  return html`
<section class="card pane" aria-labelledby="webex-rooms">
<header><h2 id="webex-rooms">Ana’s rooms</h2><span class="badge cool">Webex</span></header>
<p class="soft small">A colleague, with globobot in the room.</p>
<fieldset class="tabs"><legend class="unseen">Room</legend>${ROOMS.map(tab)}
</fieldset>
${ROOMS.map((room) => roomPart(room, rooms[room.name]))}
</section>`;
}

function tab({ name, title }: Room): SafeHtml {
  const checked = name === "group" ? html` checked` : null;
  return html`
<label><input type="radio" name="room-shown" id="show-${name}" autocomplete="off"${checked}> ${title}</label>`;
}

function roomPart({ name, title, placeholder, suggestions }: Room, lines: View["rooms"][RoomName]): SafeHtml {
  const shown = lines.map(({ author, text }) => ({
    voice: author === "globobot" ? ("bot" as const) : ("mine" as const),
    author: author === "globobot" ? author : "Ana",
    text,
  }));
  return html`
<div class="room" id="room-${name}">
${conversation(`The room: ${title}`, shown, "Nobody has written yet.")}
${writeForm({
  id: `${name}-text`,
  label: `Write as Ana (${title})`,
  placeholder,
  suggestions,
  fields: { from: "ana", room: name },
})}
</div>`;
}
