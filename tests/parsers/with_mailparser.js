// SPDX-License-Identifier: GPL-3.0-or-later
// Messages read by npm's mailparser.  Takes names of files, prints one line of
// JSON for each.  It joins the texts of a message into one, and undoes
// format=flowed itself.
"use strict";
const fs = require("fs");
const { simpleParser } = require("mailparser");

function addresses(field) {
	return field ? field.value.map((a) => [a.name, a.address]) : [];
}

function describe(attachment) {
	return {
		type: attachment.contentType,
		name: attachment.filename || null,
		disposition: attachment.contentDisposition,
		id: attachment.cid || null,
		related: attachment.related,
		content: attachment.content.toString("base64"),
	};
}

async function read(path) {
	const mail = await simpleParser(fs.createReadStream(path), {
		skipImageLinks: true,
		skipHtmlToText: true,
		skipTextToHtml: true,
		skipTextLinks: true,
	});
	return {
		header: { subject: mail.subject || "" },
		to: addresses(mail.to),
		cc: addresses(mail.cc),
		text: mail.text || "",
		html: mail.html || null,
		parts: mail.attachments.map(describe),
	};
}

(async () => {
	for (const path of process.argv.slice(2)) {
		let found;
		try {
			found = await read(path);
		} catch (error) {
			found = { error: String(error) };
		}
		console.log(JSON.stringify(found));
	}
})();
