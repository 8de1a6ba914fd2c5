# Plumbline. `make run` and `make test` do everything on a fresh Debian 12 machine; the rest is here
# for people who work on it. V=1 shows the commands.

BUILD  ?= build
CC     ?= cc
CFLAGS ?= -O2 -g
LIBS   := libmicrohttpd sqlite3 jansson libpng libjpeg libsodium libutf8proc libarchive libcurl zlib
WARN   := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wpointer-arith -Wno-format-truncation
Q      := $(if $(V),,@)

override CFLAGS += -std=c11 -D_GNU_SOURCE $(WARN) -Iinclude -pthread $(shell pkg-config --cflags $(LIBS) 2>/dev/null)
LDLIBS := $(shell pkg-config --libs $(LIBS) 2>/dev/null) -llinear -lopenblas -lcsv -lm -pthread

SRC  := $(filter-out server/tools/%,$(wildcard server/*/*.c))
OBJ  := $(SRC:%.c=$(BUILD)/%.o) $(BUILD)/embed.o
UNIT := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/*/test_*.c))

.PHONY: all unit samples clean
.SECONDARY:

all: $(BUILD)/plumbline

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/libplumbline.a: $(OBJ)
	@rm -f $@
	$(Q)ar qcs $@ $^

# Files built into the program. Node only makes the vendored modules, and only when they are missing.
VENDOR    := $(addprefix build/vendor/js/,preact.js hooks.js htm.js signals-core.js signals.js)
STATIC    := $(sort $(shell find static -type f ! -name '.*' ! -name 'package*.json' \
               ! -name 'tsconfig*' ! -name '*.d.ts' ! -path '*/node_modules/*' 2>/dev/null))
MIGRATION := $(sort $(wildcard migrations/*.sql))
EMBEDDED  := $(STATIC) $(VENDOR) $(MIGRATION)
# A file that is gone is no newer prerequisite: the list itself is one, rewritten when it changes.
$(shell mkdir -p $(BUILD); echo '$(EMBEDDED)' | cmp -s - $(BUILD)/embed.list || echo '$(EMBEDDED)' >$(BUILD)/embed.list)

build/vendor/node_modules/.package-lock.json: static/package.json static/package-lock.json
	@mkdir -p build/vendor
	$(Q)cp static/package.json static/package-lock.json static/.npmrc build/vendor/
	$(Q)cd build/vendor && npm ci --ignore-scripts --silent && touch node_modules/.package-lock.json

$(VENDOR) &: build/vendor/node_modules/.package-lock.json server/tools/vendor.mjs
	$(Q)node server/tools/vendor.mjs build/vendor/node_modules build/vendor/js

$(BUILD)/embed: server/tools/embed.c server/base/arena.c server/base/mime.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lsodium -lz

$(BUILD)/embed.c: $(BUILD)/embed $(BUILD)/embed.list $(EMBEDDED)
	$(Q)$(BUILD)/embed $@ $(BUILD)/embed.bin static static $(STATIC) -- \
	    vendor build/vendor/js $(VENDOR) -- migrations migrations $(MIGRATION)

$(BUILD)/embed.o: $(BUILD)/embed.c
	$(Q)$(CC) $(CFLAGS) -I. -c -o $@ $<

$(BUILD)/plumbline: $(BUILD)/server/main.o $(BUILD)/libplumbline.a
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/tests/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libplumbline.a
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

unit: $(UNIT)
	$(Q)for t in $(UNIT); do echo "# $$t"; ./$$t || exit 1; done

# The data of the sample jobs, drawn from fixed seeds by two small programs.
samples: $(BUILD)/samples/messages/messages.jsonl $(BUILD)/samples/pictures/pictures.jsonl

$(BUILD)/samples/generate/%: $(BUILD)/samples/generate/%.o $(BUILD)/libplumbline.a
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/samples/generate/pictures: $(BUILD)/samples/generate/draw.o $(BUILD)/samples/generate/things.o

$(BUILD)/samples/messages/messages.jsonl: $(BUILD)/samples/generate/texts
	@mkdir -p $(@D)
	$(Q)$< $(@D) 1

$(BUILD)/samples/pictures/pictures.jsonl: $(BUILD)/samples/generate/pictures
	@rm -rf $(@D) && mkdir -p $(@D)
	$(Q)$< $(@D) 1

clean:
	rm -rf build

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
