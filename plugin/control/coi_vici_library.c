/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "coi_vici_library.h"

#include <daemon.h>
#include <dlfcn.h>

static struct {
	void *handle;
	vici_dispatcher_t *(*dispatcher)(char *uri);
	vici_builder_t *(*builder)();
} vici;

bool coi_vici_library_load()
{
	const char *error;

	vici.handle = dlopen(COI_VICI_LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (vici.handle)
	{
		vici.dispatcher = dlsym(vici.handle, "vici_dispatcher_create");
		vici.builder = dlsym(vici.handle, "vici_builder_create");
	}
	if (!vici.dispatcher || !vici.builder)
	{
		error = dlerror();
		DBG1(DBG_CFG, "no control socket, charon's vici plugin is needed for "
			 "it: %s", error ?: COI_VICI_LIBRARY);
		coi_vici_library_unload();
		return FALSE;
	}
	return TRUE;
}

void coi_vici_library_unload()
{
	if (vici.handle)
	{
		dlclose(vici.handle);
	}
	memset(&vici, 0, sizeof(vici));
}

vici_dispatcher_t *coi_vici_library_dispatcher(char *uri)
{
	return vici.dispatcher(uri);
}

vici_builder_t *coi_vici_library_builder()
{
	return vici.builder();
}
