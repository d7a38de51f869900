# Sourced by lints that read code with awk: a function of awk, for the front of a program.  A file begins with in_comment = 0.
code_of='
# The line without comments and without what stands in quotes.
function code_of(s,    out, c, two) {
	out = ""
	while (s != "") {
		c = substr(s, 1, 1); two = substr(s, 1, 2)
		if (in_comment) {
			if (two == "*/") { in_comment = 0; s = substr(s, 3) } else s = substr(s, 2)
		} else if (two == "/*") { in_comment = 1; s = substr(s, 3) }
		else if (two == "//") break
		else if (c == "\"" || c == "\047") {
			for (s = substr(s, 2); s != "" && substr(s, 1, 1) != c; s = substr(s, 2))
				if (substr(s, 1, 1) == "\\") s = substr(s, 2)
			s = substr(s, 2); out = out "\"\""
		} else { out = out c; s = substr(s, 2) }
	}
	return out
}
'
